"""Tasks for tests, in few words: rows as they may be found, messages as they come."""

from datetime import timedelta
from typing import Any

from interchange import clock, items, store, tasks
from interchange.trace import Trace
from tests.architecture import Json
from tests.aws_events import queue, request
from tests.moto_cloud import Cloud

TRACE = Trace("order-7", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
MAIL = {"recipient": "ada@example.com", "subject": "Hello"}


def put_task(cloud: Cloud, id: str = "tsk_1", *, payload: Json = MAIL, **given: Any) -> None:
    """Put a task that is due, in whatever state `given` says."""
    type = given.pop("type", "email_notification")
    now = given.pop("now", clock.rfc3339(clock.now()))
    row = tasks.row(id=id, type=type, payload=payload, now=now, trace=TRACE) | given
    row["listing"] = given.get("listing", tasks.listing(row["status"], id))
    store.put_new(cloud.name("TasksTable"), row)


def task(cloud: Cloud, id: str = "tsk_1") -> Json:
    """Read a task's row."""
    return store.get(cloud.name("TasksTable"), {"id": id}) or {}


def tasks_of(cloud: Cloud) -> list[Json]:
    """Read every task's row."""
    return list(map(items.unpack, cloud.rows("TasksTable")))


def steering(cloud: Cloud, kind: str) -> list[Json]:
    """Read every row of one kind that steers the queue."""
    rows = map(items.unpack, cloud.rows("SteeringTable"))
    return [each for each in rows if each["kind"] == kind]


def run(cloud: Cloud, id: str = "tsk_1", **hint: Any) -> bool:
    """Hand the worker a message; say whether the message is gone."""
    body = {"task_id": id, "type": "email_notification", "priority": "normal", **hint}
    answer: Json = cloud.invoke("RunTaskFunction", queue(body | TRACE._asdict()))
    return not answer["batchItemFailures"]


def call(
    cloud: Cloud, function: str, method: str, path: str, *, body: Any = None, id: str = ""
) -> Json:
    """Send a request to a route of the tasks'."""
    ids = {"id": id} if id else {}
    event = request(method, f"/api/tasks{path}", body=body, headers=None, **ids)
    answer: Json = cloud.invoke(function, event)
    return answer


def listed(cloud: Cloud, function: str, path: str = "", **query: Any) -> Json:
    """Ask for a list."""
    event = request("GET", f"/api/tasks{path}")
    event["multiValueQueryStringParameters"] = {name: [str(each)] for name, each in query.items()}
    answer: Json = cloud.invoke(function, event)
    return answer


def from_now(**units: float) -> str:
    """Write a time that is so far from now."""
    return clock.rfc3339(clock.now() + timedelta(**units))
