"""Declare a recurring task: an expression, a time zone, and what is to be done each time."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, Literal

from pydantic import Field

from interchange import clock, config, http, idempotency, store
from interchange.errors import InterchangeError, UnprocessableContent
from interchange.validation import Body, validate
from message_queue import cron, options, schedules

# Each tick is due at once, and is its own task by its id.
_NOT_RECURRING = ("delay_seconds", "run_at", "expires_at", "dedupe_key", "ordering_key")


class Schedule(Body):
    """When, on whose clock, what, and what becomes of ticks that were missed."""

    expression: Annotated[str, Field(min_length=1, max_length=200)]
    timezone: Annotated[str, Field(min_length=1, max_length=64)] = "UTC"
    missed: Literal["skip", "catch_up"] = "skip"
    task: dict[str, Any]


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    steering_table: str


settings = config.reader(Settings)


@idempotency.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer 201 with the schedule and its first tick."""
    given = validate(Schedule, http.json_body(event))
    _check(given.task)
    row = _row(given, event)
    with contextlib.suppress(store.ConditionFailed):  # this very request made it, and died then
        store.put_new(settings().steering_table, row)
    # Relative to /api/tasks/schedules (RFC 9110 s.10.2.2).
    headers = {"Location": f"schedules/{row['id']}"}
    return http.response(HTTPStatus.CREATED, schedules.representation(row), headers)


def _row(given: Schedule, event: http.Event) -> store.Item:
    id, trace = idempotency.new_id("sch", event), http.trace_of(event)
    try:
        return schedules.row(id, given, given.task, now=clock.now(), trace=trace)
    except cron.BadExpression as error:
        raise _refused(f"{error}", "/expression") from error


def _check(task: dict[str, Any]) -> None:
    """Refuse a task that could not be enqueued, with pointers into the schedule."""
    for name in task.keys() & set(_NOT_RECURRING):
        raise _refused("Not of a recurring task", f"/task/{name}")
    with _inside("/task"):
        options.parse(task, now=clock.now())


@contextlib.contextmanager
def _inside(place: str) -> Iterator[None]:
    """Have refusals point to where the task is in the body."""
    try:
        yield
    except InterchangeError as refusal:
        for each in refusal.errors:
            each["pointer"] = place + each["pointer"]
        raise


def _refused(detail: str, pointer: str) -> UnprocessableContent:
    return UnprocessableContent(
        "The schedule breaks a rule.", errors=[{"detail": detail, "pointer": pointer}]
    )
