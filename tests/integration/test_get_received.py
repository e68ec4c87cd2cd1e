"""Reading a received webhook."""

import base64
import json
from typing import Any

import pytest

from interchange import aws, store
from tests.answers import body_of, refusal
from tests.architecture import Json
from tests.aws_events import request
from tests.integration.test_list_received import put
from tests.moto_cloud import Cloud


def read(cloud: Cloud, id: str = "rcv_1") -> Json:
    event = request("GET", "/webhooks/received/{id}", id=id)
    answer: Json = cloud.invoke("GetReceivedFunction", event)
    return answer


@pytest.mark.parametrize(
    ("body", "encoding", "shown"),
    [
        (b'{"a": 1.50}', "json", {"a": 1.5}),
        (b'"text"', "json", "text"),
        (b'{"a":1,"a":2}', "text", '{"a":1,"a":2}'),
        (b'a=1&b="\n', "text", 'a=1&b="\n'),
        (b"", "text", ""),
        (b"\xff\0", "base64", "/wA="),
    ],
)
def test_a_webhook_is_shown_with_its_headers_and_its_body(
    cloud: Cloud, body: bytes, encoding: str, shown: Any
) -> None:
    put(cloud, 1, body=body, headers={"content-type": "application/json", "x": '\u00e9"'})

    answer = read(cloud)

    found = body_of(answer)
    assert (answer["statusCode"], answer["headers"]["Cache-Control"]) == (200, "no-store")
    assert (found["body_encoding"], found["body"]) == (encoding, shown)
    assert found["headers"] == {"content-type": "application/json", "x": '\u00e9"'}
    assert found["event_id"] == "evt_1"


def test_json_is_shown_as_it_was_written(cloud: Cloud) -> None:
    put(cloud, 1, body=b'{"amount": 1.50, "huge": 123456789012345678901234567890}')

    assert '{"amount": 1.50, "huge": 123456789012345678901234567890}' in read(cloud)["body"]


def test_the_largest_body_is_shown_within_lambdas_limit(cloud: Cloud) -> None:
    body = b'"' * 4_500_000
    aws.s3().put_object(Bucket=cloud.name("PayloadsBucket"), Key="webhooks/rcv_1/x", Body=body)
    put(cloud, 1, body_key="webhooks/rcv_1/x")

    answer = read(cloud)

    assert base64.b64decode(body_of(answer)["body"]) == body
    assert len(json.dumps(answer)) < 6 * 1024 * 1024


@pytest.mark.parametrize("id", ["rcv_2", "\u00e9", ""])
def test_an_unknown_webhook_is_not_found(cloud: Cloud, id: str) -> None:
    assert refusal(read(cloud, id))[0] == 404


def test_one_past_its_retention_is_not_found(cloud: Cloud) -> None:
    put(cloud, 1, expires_epoch=1)

    assert refusal(read(cloud)) == (404, "webhook_not_found")
    assert store.get(cloud.name("ReceivedTable"), {"id": "rcv_1"})
