"""What callers see of a task: its life, not its payload, which may be personal."""

import json
from typing import Any

from interchange.store import Item

_PUBLIC = (
    "id",
    "type",
    "status",
    "priority",
    "attempts",
    "max_attempts",
    "created_at",
    "due_at",
    "expires_at",
    "started_at",
    "ended_at",
    "cancel_requested_at",
    "ordering_key",
    "fairness_key",
    "schedule_id",
    "error",
    "version",
)


def summary(task: Item) -> dict[str, Any]:
    """Show a task in a list; members that have not happened yet are absent."""
    return {name: task[name] for name in _PUBLIC if name in task}


def representation(task: Item) -> dict[str, Any]:
    """Show a task with what it has come to: failed attempts, progress, result."""
    made = {name: json.loads(task[name]) for name in ("progress", "result") if name in task}
    failures = {"failures": task["history"]} if "history" in task else {}
    return summary(task) | failures | made
