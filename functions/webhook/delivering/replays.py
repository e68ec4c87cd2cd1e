"""Replays: a job that makes an endpoint's failed and skipped deliveries due again, step by step."""

from datetime import datetime
from typing import Any

from interchange import clock, store
from interchange.errors import NotFound
from interchange.store import Item
from interchange.trace import Trace

PART = "replay"
RUNNING, COMPLETED = "running", "completed"

_SHOWN = (
    *("id", "endpoint_id", "status", "since", "statuses", "progress"),
    *("created_at", "ended_at", "version"),
)


def key(replay_id: str) -> Item:
    """Give a replay's key."""
    return {"id": replay_id, "part": PART}


def row(
    id: str,
    endpoint_id: str,
    *,
    since: str,
    statuses: list[str],
    now: datetime,
    expires_epoch: int,
    trace: Trace,
) -> Item:
    """Make the row of a replay of what was accepted before now."""
    return {
        **key(id),
        "of_endpoint": endpoint_id,
        "since": since,
        "until": clock.rfc3339(now),
        "statuses": statuses,
        "status": RUNNING,
        "cursor": None,
        "progress": {"seen": 0, "replayed": 0},
        "created_at": clock.rfc3339(now),
        "expires_epoch": expires_epoch,
        "version": 1,
        **trace._asdict(),
    }


def get(table: str, endpoint_id: str, replay_id: str) -> Item:
    """Read a replay of an endpoint; NotFound where there is none."""
    found = store.get(table, key(replay_id))
    if found is None or found["of_endpoint"] != endpoint_id:
        raise NotFound("No replay of this endpoint has this id.", code="replay_not_found")
    return found


def representation(row: Item) -> dict[str, Any]:
    """Show a replay."""
    shown = {name: row[name] for name in _SHOWN if name in row}
    return shown | {"endpoint_id": row["of_endpoint"]}
