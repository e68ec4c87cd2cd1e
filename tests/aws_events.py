"""Events as AWS hands them to a function, a few lines each."""

import base64
import json
from collections.abc import Iterable, Mapping
from typing import Any

from tests.architecture import ACCOUNT, REGION, Json

REQUEST_ID = "7c4d1f0e-5b7b-4a59-9d5e-0a1f2b3c4d5e"


def request(
    method: str = "POST",
    path: str = "/api/users",
    *,
    body: Any = None,
    headers: Mapping[str, str] | None = None,
    **path_parameters: str,
) -> Json:
    """Make a request as the REST API proxies it: every body is in base64."""
    raw = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    return {
        "resource": path,
        "path": path,
        "httpMethod": method,
        "headers": {"Content-Type": "application/json", **(headers or {})},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": path_parameters or None,
        "requestContext": {"requestId": REQUEST_ID, "httpMethod": method, "stage": "v1"},
        "body": None if raw is None else base64.b64encode(raw).decode(),
        "isBase64Encoded": raw is not None,
    }


def queue(*bodies: Any, receive_count: int = 1) -> Json:
    """Make a batch as SQS hands it out; a text is a body as it is, all else goes as JSON."""
    return {
        "Records": [
            {
                "messageId": f"message-{index}",
                "body": body if isinstance(body, str) else json.dumps(body),
                "receiptHandle": f"receipt-{index}",
                "attributes": {"ApproximateReceiveCount": str(receive_count)},
                "eventSource": "aws:sqs",
                "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:queue",
            }
            for index, body in enumerate(bodies)
        ]
    }


def stream(rows: Iterable[Json], *, keys: Iterable[str] = ("id",), kind: str = "INSERT") -> Json:
    """Make a batch of changes of a table's stream; `rows` are in DynamoDB's typed form."""
    names = list(keys)
    return {
        "Records": [
            {
                "eventName": kind,
                "eventSource": "aws:dynamodb",
                "dynamodb": {
                    "SequenceNumber": str(100 + index),
                    "Keys": {name: row[name] for name in names},
                    "NewImage": _as_text(row),
                    "StreamViewType": "NEW_AND_OLD_IMAGES",
                },
            }
            for index, row in enumerate(rows)
        ]
    }


def uploaded(bucket: str, *keys: str, etag: str = "0" * 32) -> Json:
    """Make S3's notification of new objects; keys are as S3 writes them, URL-encoded."""
    return {
        "Records": [
            {
                "eventSource": "aws:s3",
                "awsRegion": REGION,
                "eventName": "ObjectCreated:Put",
                "s3": {"bucket": {"name": bucket}, "object": {"key": key, "eTag": etag}},
            }
            for key in keys
        ]
    }


def _as_text(row: Json) -> Json:
    """Write bytes as the stream's JSON has them, in base64, as rows that were read have them."""
    return {
        name: {"B": base64.b64encode(value["B"]).decode()}
        if isinstance(value.get("B"), bytes)
        else value
        for name, value in row.items()
    }
