"""Call a handler many times, its HTTP stubbed, and print the CPU seconds of one call.

A script, run where only the function and its dependencies can be imported.
"""

import contextlib
import importlib
import json
import os
import sys
import time
import zlib
from types import SimpleNamespace
from typing import Any

_OK = 200
_WARMING = 100


def main(name: str, event: str, answer: str, calls: int) -> None:
    """Keep standard output for the result: what the handler logs goes nowhere."""
    results = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    module, _, function = name.rpartition(".")
    handler = getattr(importlib.import_module(module), function)
    with contextlib.suppress(ModuleNotFoundError):  # the constant has no botocore
        stub_http(answer.encode())
    context = SimpleNamespace(
        aws_request_id="3e6f1a52-0d6c-4e0f-8f0a-6f1d7b2c9a10",
        function_name="read",
        function_version="$LATEST",
        invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:read",
        memory_limit_in_mb="512",
        get_remaining_time_in_millis=lambda: 10_000,
    )
    measure(handler, [json.loads(event) for _ in range(_WARMING)], context)
    seconds = measure(handler, [json.loads(event) for _ in range(calls)], context)
    os.write(results, str(seconds / calls).encode())


def stub_http(body: bytes) -> None:
    """Answer where botocore would send: what is before and after is the SDK's own work."""
    from botocore import awsrequest, httpsession  # noqa: PLC0415 - the peer may not have it

    headers = {
        "Content-Type": "application/x-amz-json-1.0",
        "Content-Length": str(len(body)),
        "x-amzn-RequestId": "B4K0GT2N9C8L6H1V5R3M7QZXWA",
        "x-amz-crc32": str(zlib.crc32(body)),
    }

    def send(_: object, request: Any) -> Any:
        raw = SimpleNamespace(stream=lambda: iter([body]))
        given: Any = awsrequest.HeadersDict(headers)
        return awsrequest.AWSResponse(request.url, _OK, given, raw)

    setattr(httpsession.URLLib3Session, "send", send)  # noqa: B010 - not an assignment mypy takes


def measure(handler: Any, events: list[Any], context: Any) -> float:
    """Give each call an event of its own: a handler may leave something in it."""
    before = time.process_time()
    for event in events:
        if handler(event, context)["statusCode"] != _OK:
            raise SystemExit("The handler did not answer 200.")
    return time.process_time() - before


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
