"""Say how a task is doing."""

from dataclasses import dataclass
from typing import Any

from interchange import config, http, store
from interchange.errors import NotFound
from message_queue.representation import representation


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    tasks_table: str


settings = config.reader(Settings)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer with the task, or 404."""
    task = store.get(settings().tasks_table, {"id": http.path_id(event)})
    if task is None:
        raise NotFound("No task has this id.", code="task_not_found")
    return http.uncached(representation(task))
