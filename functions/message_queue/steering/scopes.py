"""What can be paused: a priority or a type, by the name in the path."""

from interchange import http
from interchange.errors import NotFound
from message_queue.task_types import TASK_TYPES

SCOPES = (
    *(f"priority:{each}" for each in ("high", "normal", "low")),
    *(f"type:{each}" for each in sorted(TASK_TYPES)),
)


def named(event: http.Event) -> str:
    """Give the scope in the path; NotFound names those there are."""
    scope = http.path_id(event)
    if scope not in SCOPES:
        raise NotFound(f"What can be paused: {', '.join(SCOPES)}.", code="scope_not_found")
    return scope
