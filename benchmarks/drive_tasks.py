"""Hand a worker many messages and print one's CPU seconds; HTTP is stubbed where no endpoint is.

A script, run where only the worker and its dependencies can be imported.
"""

import importlib
import json
import os
import sys
import time
from types import SimpleNamespace
from typing import Any

_WARMING = 100
ROW = {
    "id": {"S": "tsk_0192f0c1a2b37c4d8e5f60718293a4b6"},
    "type": {"S": "nothing"},
    "payload": {"S": "{}"},
    "status": {"S": "running"},
    "attempts": {"N": "1"},
    "max_attempts": {"N": "5"},
    "due_at": {"S": "2026-01-15T09:30:00.000Z"},
    "created_at": {"S": "2026-01-15T09:30:00.000Z"},
    "started_at": {"S": "2026-01-15T09:30:00.000Z"},
    "lease_ends_at": {"S": "2099-01-15T09:30:00.000Z"},
    "fence": {"S": "0123456789abcdef"},
    "listing": {"S": "running#1"},
    "version": {"N": "2"},
}


def main(name: str, batch: int, count: int) -> None:
    """Keep standard output for the result: what the worker logs goes nowhere."""
    results = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    handler = importlib.import_module(name).handler
    if "AWS_ENDPOINT_URL_DYNAMODB" not in os.environ:
        from drive_calls import stub_http  # type: ignore[import-not-found]  # noqa: PLC0415 - beside this script

        stub_http(json.dumps({"Attributes": ROW}).encode())
    measure(handler, events(_WARMING, batch))
    seconds = measure(handler, events(count, batch))
    os.write(results, str(seconds / count).encode())


def events(count: int, batch: int) -> list[Any]:
    """Make batches of messages, each of another task."""
    numbers = range(0, count, batch)
    return [{"Records": [record(start + each) for each in range(batch)]} for start in numbers]


def record(number: int) -> dict[str, Any]:
    """Make one message as SQS hands it out."""
    body = {"task_id": f"tsk_{number:032x}", "type": "nothing", "priority": "normal"}
    return {
        "messageId": f"{number:08}-0000-4000-8000-000000000000",
        "receiptHandle": "receipt",
        "body": json.dumps(body | {"correlation_id": "c", "traceparent": "t"}),
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1768469400000"},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:tasks",
        "awsRegion": "us-east-1",
    }


def measure(handler: Any, batches: list[Any]) -> float:
    """Hand out the batches; each must be done whole."""
    context = SimpleNamespace(
        function_name="run",
        memory_limit_in_mb="512",
        invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:run",
        aws_request_id="3e6f1a52-0d6c-4e0f-8f0a-6f1d7b2c9a10",
        get_remaining_time_in_millis=lambda: 60_000,
    )
    before = time.process_time()
    for event in batches:
        if handler(event, context)["batchItemFailures"]:
            raise SystemExit("The worker did not do its batch.")
    return time.process_time() - before


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
