"""Cancel a task: at once where it waits; where it runs, its worker hears of it and stops.

A dead one waits for a person: to cancel it is to say that nothing more is to be done.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from interchange import claims, clock, config, http, store
from interchange.errors import Conflict, NotFound
from interchange.observability import count
from interchange.store import Item
from message_queue import lifecycle
from message_queue.representation import representation

_TRIES = 5  # between which a task may change its state


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    tasks_table: str
    retention_days: int


settings = config.reader(Settings)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer 200 with the cancelled task, 202 with one that is to stop, 409 where it has ended."""
    task = _cancel(http.path_id(event), clock.now())
    running = task["status"] == claims.RUNNING
    status = HTTPStatus.ACCEPTED if running else HTTPStatus.OK
    return http.response(status, representation(task))


def _cancel(task_id: str, now: datetime) -> Item:
    """Cancel by the state that the task is in; another by then is looked at again."""
    table, kept = settings().tasks_table, timedelta(days=settings().retention_days)
    for _ in range(_TRIES):
        try:
            task = lifecycle.cancel(table, task_id, now=now, kept=kept)
        except store.ConditionFailed as met:
            task = met.item
        else:
            count("TaskCancelled")
        if task.get("status") == "cancelled":
            return task
        if task.get("status") != claims.RUNNING:
            raise _refusal(task)
        try:
            return lifecycle.ask_to_stop(table, task_id, now=now)
        except store.ConditionFailed:
            continue
    raise Conflict("The task keeps changing; send the same again.", code="task_busy")


def _refusal(task: Item) -> Conflict | NotFound:
    if not task:
        return NotFound("No task has this id.", code="task_not_found")
    return Conflict(f"The task has ended: it is {task['status']}.", code="task_ended")
