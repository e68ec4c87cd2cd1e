"""Consume tables' streams: a batch is carried out, or all of it comes back."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from interchange import items, observability, store, trace
from interchange.observability import logger


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


def _change(record: dict[str, Any]) -> Change:
    return Change(
        items.unpack(record["Keys"]),
        items.unpack(record.get("NewImage", {})),
        items.unpack(record.get("OldImage", {})),
    )
