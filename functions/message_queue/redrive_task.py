"""Give a dead task another life: all its attempts, from now on."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from interchange import clock, config, http, idempotency, store
from interchange.errors import Conflict, NotFound, Unavailable
from interchange.observability import count
from interchange.store import Item
from message_queue.representation import representation
from message_queue.steering import sweeps


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    tasks_table: str
    steering_table: str


settings = config.reader(Settings)


@idempotency.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer 202 with the task, queued again; 409 where it is not dead."""
    task, now = _task(http.path_id(event)), clock.now()
    by = idempotency.new_id("rdr", event)
    tables = settings().tasks_table, settings().steering_table
    try:
        store.transact(sweeps.redriving(task, tables, due_at=now, by=by, now=now))
    except store.TransactionRefused as refused:
        _accept(refused, by)
    else:
        count("TaskRedriven")
    # Relative to /api/tasks/{id}/redrives (RFC 9110 s.10.2.2).
    headers = {"Location": f"../{task['id']}"}
    return http.response(HTTPStatus.ACCEPTED, representation(_task(task["id"])), headers)


def _accept(refused: store.TransactionRefused, by: str) -> None:
    """Pass where this very request redrove the task, and died before it could answer."""
    if not any(each.failed for each in refused.writes):
        raise Unavailable("Others are at the task; send the same request again.")
    if refused.writes[0].item.get("redriven_by") != by:
        raise Conflict("Only a dead task can be redriven.", code="task_not_dead")


def _task(task_id: str) -> Item:
    task = store.get(settings().tasks_table, {"id": task_id})
    if task is None:
        raise NotFound("No task has this id.", code="task_not_found")
    return task
