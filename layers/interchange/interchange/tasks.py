"""Tasks, which callers and subscribers enqueue: the row is the outbox, its stream the sender."""

import json
import zlib
from collections.abc import Iterable
from typing import Any

from interchange import users
from interchange.store import Item
from interchange.trace import Trace

DEFAULT_MAX_ATTEMPTS = 5
DEFAULT_PRIORITY = "normal"

# A list is spread over this many partitions of its index: one takes a thousand writes a second.
SHARDS = 4

# What a list can be of: a task's states, and `parked`, of those that a pause or a rate keeps back.
OUTCOMES = ("cancelled", "dead", "expired", "succeeded")
LISTINGS = ("queued", "retry_wait", "scheduled", "parked", "running", *OUTCOMES)


def row(
    *,
    id: str,
    type: str,
    payload: dict[str, Any],
    now: str,
    trace: Trace,
    due_at: str | None = None,
    max_attempts: int = DEFAULT_MAX_ATTEMPTS,
    priority: str = DEFAULT_PRIORITY,
    **options: Any,
) -> Item:
    """Make the row of a task, due now or later; `payload` is what its type's model accepts.

    Of the other options those that are None are left out.
    """
    recipient = payload.get("recipient")
    status = "queued" if due_at is None or due_at <= now else "scheduled"
    return {
        "id": id,
        "type": type,
        # Whom the task is about, so that erasing a person finds it.
        **({"user_id": users.user_id(recipient)} if isinstance(recipient, str) else {}),
        # As UTF-8, not ASCII with escapes: a row has 400 KB.
        "payload": json.dumps(payload, ensure_ascii=False, separators=(",", ":")),
        "status": status,
        "listing": listing(status, id),
        "listed_at": f"{now}#{id}",
        "priority": priority,
        "attempts": 0,
        "max_attempts": max_attempts,
        "due_at": due_at or now,
        "created_at": now,
        "version": 1,
        **{name: value for name, value in options.items() if value is not None},
        **trace._asdict(),
    }


def partitions(states: Iterable[str]) -> list[str]:
    """Name the partitions of the index by state that have every task in one of these states."""
    return [f"{state}#{shard}" for state in states for shard in range(SHARDS)]


def listing(state: str, id: str) -> str:
    """Name the partition of the index by state that has this task while it is in this state."""
    return f"{state}#{zlib.crc32(id.encode()) % SHARDS}"
