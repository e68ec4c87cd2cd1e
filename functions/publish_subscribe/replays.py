"""A replay: its window of the log, its life, its progress; the row is the outbox of its steps.

queued ──▶ running ──▶ completed
   │          ├──────▶ failed       (a step failed time and again)
   └──────────┴──────▶ cancelled
"""

from datetime import datetime, timedelta
from typing import Any

from interchange import clock, store
from interchange.store import Item
from interchange.trace import Trace
from publish_subscribe.event_log import Wanted

SLOWEST, USUAL, FASTEST = 1, 50, 500  # events per second; a step of the fastest is 50 calls of SNS

KIND = "replay"
ALIVE = {"queued": "queued", "running": "running"}
IS_ALIVE = "#status IN (:queued, :running)"
_PROGRESS = ("scanned", "sent", "position")
_PUBLIC = (
    "id",
    "status",
    "topic",
    "type",
    "subscriber",
    "from",
    "to",
    "events_per_second",
    "created_at",
    "started_at",
    "ended_at",
    "error",
    "version",
)


def new(
    replay_id: str,
    wanted: Wanted,
    *,
    subscriber: str | None,
    events_per_second: int,
    now: datetime,
    retention: timedelta,
    trace: Trace,
) -> Item:
    """Make the row of a replay that is due now; its window stays as it is."""
    chosen = {"type": wanted.type, "subscriber": subscriber}
    return {
        "id": replay_id,
        "kind": KIND,
        "status": "queued",
        "topic": wanted.topic,
        **{name: value for name, value in chosen.items() if value is not None},
        "from": wanted.window.start,
        "to": wanted.window.end,
        "events_per_second": events_per_second,
        "step": 0,
        "scanned": 0,
        "sent": 0,
        "due_at": clock.rfc3339(now),
        "created_at": clock.rfc3339(now),
        "expires_epoch": int((now + retention).timestamp()),
        "version": 1,
        **trace._asdict(),
    }


def cancel(table: str, replay_id: str, *, now: datetime) -> Item:
    """End a replay that is under way and give it; ConditionFailed carries one that is not."""
    values = {"cancelled": "cancelled", "now": clock.rfc3339(now)}
    change = "SET #status = :cancelled, #ended_at = :now"
    return store.update(table, {"id": replay_id}, change, when=IS_ALIVE, values=values | ALIVE)


def representation(replay: Item) -> dict[str, Any]:
    """Show a replay with its progress; members that have not happened yet are absent."""
    progress = {name: replay[name] for name in _PROGRESS if name in replay}
    return {name: replay[name] for name in _PUBLIC if name in replay} | {"progress": progress}
