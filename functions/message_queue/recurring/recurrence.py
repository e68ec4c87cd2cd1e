"""What a recurring task may be, whoever declares it: when, on whose clock, and what is done."""

import contextlib
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from interchange.errors import InterchangeError, UnprocessableContent
from interchange.store import Item
from interchange.trace import Trace
from interchange.validation import Body, validate
from message_queue import options
from message_queue.recurring import cron, schedules

# Each tick is due at once, and is its own task by its id.
_NOT_RECURRING = ("delay_seconds", "run_at", "expires_at", "dedupe_key", "ordering_key")


class Schedule(Body):
    """When, on whose clock, what, and what becomes of ticks that were missed."""

    expression: Annotated[str, Field(min_length=1, max_length=200)]
    timezone: Annotated[str, Field(min_length=1, max_length=64)] = "UTC"
    missed: Literal["skip", "catch_up"] = "skip"
    task: dict[str, Any]


def row(body: Any, *, id: str, now: datetime, trace: Trace) -> Item:
    """Check what is declared and make its row; UnprocessableContent points to what is wrong."""
    given = validate(Schedule, body)
    _check(given.task, now)
    try:
        return schedules.row(id, given, given.task, now=now, trace=trace)
    except cron.BadExpression as error:
        raise _refused(f"{error}", "/expression") from error


def _check(task: dict[str, Any], now: datetime) -> None:
    """Refuse a task that could not be enqueued, with pointers into the schedule."""
    for name in task.keys() & set(_NOT_RECURRING):
        raise _refused("Not of a recurring task", f"/task/{name}")
    with _inside("/task"):
        options.parse(task, now=now)


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
