"""Consume queues and streams: what is not done comes back, and what was done twice is recognised.

Not Powertools' batch utility: 52 ms of import for these loops (docs/decisions.md).
"""

import functools
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from interchange import items, observability, store, trace
from interchange.observability import logger

type Lambda = Callable[[dict[str, Any], Any], dict[str, Any]]


class Retry(Exception):
    """Ask for the record again, after its queue's visibility timeout; expected, so not an error."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a queue: its JSON, read and as it came, and how often SQS has shown it."""

    body: Any
    text: str
    receive_count: int


@dataclass(frozen=True, slots=True)
class Change:
    """One committed change of a row: its key, and the row after and before it, {} where none."""

    key: store.Item
    new: store.Item
    old: store.Item

    @property
    def trace(self) -> trace.Trace:
        """Continue the trace of the request that changed the row."""
        return trace.of(self.new or self.old)


def each_message(work: Callable[[Message], None]) -> Lambda:
    """Make a handler of `work`: done when it returns, brought back by whatever it raises.

    It answers with a partial batch response and never raises: that would bring the neighbours back.
    """

    @functools.wraps(work)
    def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
        failed = [each["messageId"] for each in event["Records"] if not _done(work, each)]
        observability.flush()
        return {"batchItemFailures": [{"itemIdentifier": each} for each in failed]}

    return handler


def from_stream(work: Callable[[list[Change]], None]) -> Callable[[dict[str, Any], Any], None]:
    """Make a handler of `work`, which carries out all changes or raises.

    A raise brings the whole batch back, halved each time (BisectBatchOnFunctionError): what was
    carried out before comes twice, and its receivers recognise it.
    """

    @functools.wraps(work)
    def handler(event: dict[str, Any], context: Any) -> None:
        observability.begin()
        changes = [_change(each["dynamodb"]) for each in event["Records"]]
        work(changes)
        for change in changes:
            logger.info("Change carried", correlation_id=change.trace.correlation_id, **change.key)
        observability.flush()

    return handler


def _done(work: Callable[[Message], None], record: dict[str, Any]) -> bool:
    receive_count = int(record["attributes"]["ApproximateReceiveCount"])
    observability.begin(message_id=record["messageId"], receive_count=receive_count)
    try:
        body = json.loads(record["body"])
        correlation_id = body.get("correlation_id") or body.get("correlationid")
        observability.bind(correlation_id=correlation_id)
        work(Message(body, record["body"], receive_count))
    except Retry as retry:
        logger.warning("Message returned to its queue", reason=str(retry))
        return False
    except Exception:  # noqa: BLE001 - a failed delivery: its queue is the retry
        logger.exception("Message failed")
        return False
    return True


def _change(record: dict[str, Any]) -> Change:
    return Change(
        items.unpack(record["Keys"]),
        items.unpack(record.get("NewImage", {})),
        items.unpack(record.get("OldImage", {})),
    )
