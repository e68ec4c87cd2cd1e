"""Consume tables' streams: a batch is carried out, or all of it comes back."""

import functools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from interchange import items, observability, store, trace
from interchange.observability import logger

_LATE_SECONDS = 60  # a batch waits for as long as the one before it takes


@dataclass(frozen=True, slots=True)
class Change:
    """One committed change of a row: its key, and the row after and before it, {} where none.

    `told` takes what the change became, such as an event's id: its line in the log has it.
    """

    key: store.Item
    new: store.Item
    old: store.Item
    told: dict[str, str] = field(default_factory=dict)

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
        _measure_lag(event["Records"])
        changes = [_change(each["dynamodb"]) for each in event["Records"]]
        work(changes)
        for change in changes:
            caused_by = change.trace.correlation_id
            logger.info("Change carried", correlation_id=caused_by, **change.key, **change.told)
        observability.flush()

    return handler


def _measure_lag(records: list[dict[str, Any]]) -> None:
    """Measure how old the oldest change is, before the work: what never succeeds lags, too.

    Only where it is late: a stream that keeps up costs no line.
    """
    lag = time.time() - records[0]["dynamodb"].get("ApproximateCreationDateTime", time.time())
    if lag > _LATE_SECONDS:
        observability.measure_stack("StreamLag", round(lag), "Seconds")


def _change(record: dict[str, Any]) -> Change:
    return Change(
        items.unpack(record["Keys"]),
        items.unpack(record.get("NewImage", {})),
        items.unpack(record.get("OldImage", {})),
    )
