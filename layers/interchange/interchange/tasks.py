"""Tasks, which callers and subscribers enqueue: the row is the outbox, its stream the sender."""

import json
from typing import Any

from interchange import users
from interchange.store import Item
from interchange.trace import Trace

DEFAULT_MAX_ATTEMPTS = 5


def row(
    *,
    id: str,
    type: str,
    payload: dict[str, Any],
    now: str,
    trace: Trace,
    max_attempts: int = DEFAULT_MAX_ATTEMPTS,
) -> Item:
    """Make the row of a task that is due now; `payload` is what its type's model accepts."""
    recipient = payload.get("recipient")
    return {
        "id": id,
        "type": type,
        # Whom the task is about, so that erasing a person finds it.
        **({"user_id": users.user_id(recipient)} if isinstance(recipient, str) else {}),
        "payload": json.dumps(payload, separators=(",", ":")),
        "status": "queued",
        "attempts": 0,
        "max_attempts": max_attempts,
        "due_at": now,
        "created_at": now,
        "version": 1,
        **trace._asdict(),
    }
