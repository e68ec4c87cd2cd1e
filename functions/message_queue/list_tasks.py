"""List tasks by state, type and time, page by page."""

from dataclasses import dataclass
from typing import Any

from interchange import config, http
from interchange.errors import BadRequest
from message_queue import task_pages
from message_queue.lifecycle import STATES


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    tasks_table: str
    tasks_by_state_index: str


settings = config.reader(Settings)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer with a page of the tasks, oldest first."""
    status = http.query(event, "status")
    if status is not None and status not in STATES:
        raise BadRequest(f"status is one of: {', '.join(STATES)}.", code="bad_query")
    found = settings()
    return task_pages.answer(event, found.tasks_table, found.tasks_by_state_index, status=status)
