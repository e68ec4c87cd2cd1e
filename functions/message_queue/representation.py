"""What callers see of a task: its life, not its payload, which may be personal."""

from typing import Any

from interchange.store import Item

_PUBLIC = (
    "id",
    "type",
    "status",
    "attempts",
    "max_attempts",
    "created_at",
    "due_at",
    "started_at",
    "ended_at",
    "error",
    "version",
)


def representation(task: Item) -> dict[str, Any]:
    """Show a task; members that have not happened yet are absent."""
    return {name: task[name] for name in _PUBLIC if name in task}
