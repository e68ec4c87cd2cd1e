"""Faults at the border to AWS: the process ends, or a service refuses, at a chosen call."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from interchange import aws

# What only tests call, to look and to carry messages.
OURS = frozenset({"ReceiveMessage", "Scan"})
SERVICES = ("dynamodb", "s3", "scheduler", "secretsmanager", "sesv2", "sns", "sqs")


class ProcessDied(BaseException):
    """The end of a worker: no `except Exception` sees it, as none sees a kill."""


@contextmanager
def hooked(event: str, hook: Callable[..., Any]) -> Iterator[None]:
    """Have `hook` called at an event of the SDK's clients: `after-call.dynamodb.PutItem`."""
    emitters = [aws._client(service).meta.events for service in SERVICES]
    for emitter in emitters:
        emitter.register_first(event, hook)
    try:
        yield
    finally:
        for emitter in emitters:
            emitter.unregister(event, hook)


@contextmanager
def calls_counted() -> Iterator[list[str]]:
    """Collect the names of the calls that are made."""
    calls: list[str] = []

    def count(model: Any, **_: Any) -> None:
        calls.extend({model.name} - OURS)

    with hooked("after-call", count):
        yield calls


@contextmanager
def death_after_call(number: int) -> Iterator[None]:
    """End the process as soon as AWS has carried out the call of this number, from 1."""
    calls: list[str] = []

    def die(model: Any, **_: Any) -> None:
        calls.extend({model.name} - OURS)
        if len(calls) == number and model.name not in OURS:
            raise ProcessDied(model.name)

    with hooked("after-call", die):
        yield


@contextmanager
def refusing(service: str, operation: str, code: str, status: int = 400) -> Iterator[None]:
    """Have a service refuse an operation, without a try."""
    response = SimpleNamespace(status_code=status)
    answer = {
        "Error": {"Code": code, "Message": ""},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }

    def refuse(**_: Any) -> tuple[Any, Any]:
        return response, answer

    with hooked(f"before-call.{service}.{operation}", refuse):
        yield


@contextmanager
def conflicting(*codes: str) -> Iterator[None]:
    """Have DynamoDB cancel transactions, with these reasons for their writes."""
    code = "TransactionCanceledException"
    reasons = [{"Code": each} for each in codes]
    answer = {"Error": {"Code": code, "Message": ""}, "CancellationReasons": reasons}

    def cancel(**_: Any) -> tuple[Any, Any]:
        return SimpleNamespace(status_code=400), answer

    with hooked("before-call.dynamodb.TransactWriteItems", cancel):
        yield
