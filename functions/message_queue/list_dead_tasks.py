"""List the tasks that failed for good: what a person must look at."""

from dataclasses import dataclass
from typing import Any

from interchange import config, http
from message_queue import task_pages


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    tasks_table: str
    tasks_by_state_index: str


settings = config.reader(Settings)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer with a page of the dead, oldest first."""
    found = settings()
    return task_pages.answer(event, found.tasks_table, found.tasks_by_state_index, status="dead")
