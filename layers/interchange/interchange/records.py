"""Consume queues and streams: each record is done or comes back, and never takes its neighbours along.

Both shapes answer with partial batch responses and never raise: a raise would send the whole batch back.
Not Powertools' batch utility: 52 ms of import for these loops (docs/decisions.md).
"""

import functools
import json
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from interchange import observability, store, trace
from interchange.observability import logger

type Lambda = Callable[[dict[str, Any], Any], dict[str, Any]]


class Retry(Exception):
    """Ask for the record again, after its queue's visibility timeout; expected, so not an error."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a queue: `body` is its JSON, `receive_count` how often SQS has handed it out."""

    body: Any
    receive_count: int


@dataclass(frozen=True, slots=True)
class Change:
    """One committed change of a row: `new` is the row after it, `old` the row before."""

    sequence_number: str
    new: store.Item
    old: store.Item = field(default_factory=dict)

    @property
    def trace(self) -> trace.Trace:
        """Continue the trace of the request that changed the row."""
        return trace.of(self.new)


def each_message(work: Callable[[Message], None]) -> Lambda:
    """Make a handler of `work`, which is done when it returns; anything it raises brings the message back."""

    @functools.wraps(work)
    def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
        failed = [each["messageId"] for each in event["Records"] if not _done(work, each)]
        observability.flush()
        return {"batchItemFailures": [{"itemIdentifier": each} for each in failed]}

    return handler


def from_stream(work: Callable[[list[Change]], Collection[Change]]) -> Lambda:
    """Make a handler of `work`, which returns the changes it could not carry out.

    A stream keeps order: Lambda starts again at the first of them, so later ones may come twice.
    """

    @functools.wraps(work)
    def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
        changes = [_change(each["dynamodb"]) for each in event["Records"]]
        try:
            failed = work(changes)
        except Exception:  # a failed delivery: the stream is the retry
            logger.exception("Stream batch failed", records=len(changes))
            failed = changes
        else:
            logger.info("Stream batch done", records=len(changes), failed=len(failed))
        observability.flush()
        return {"batchItemFailures": [{"itemIdentifier": each.sequence_number} for each in failed]}

    return handler


def _done(work: Callable[[Message], None], record: dict[str, Any]) -> bool:
    receive_count = int(record["attributes"]["ApproximateReceiveCount"])
    with logger.append_context_keys(message_id=record["messageId"], receive_count=receive_count):
        try:
            body = json.loads(record["body"])
            observability.bind(
                correlation_id=body.get("correlation_id") or body.get("correlationid")
            )
            work(Message(body, receive_count))
        except Retry as retry:
            logger.warning("Message returned to its queue", reason=str(retry))
            return False
        except Exception:  # a failed delivery: the queue is the retry, its redrive policy the end
            logger.exception("Message failed")
            return False
    return True


def _change(record: dict[str, Any]) -> Change:
    return Change(
        record["SequenceNumber"],
        store.unpack(record.get("NewImage", {})),
        store.unpack(record.get("OldImage", {})),
    )
