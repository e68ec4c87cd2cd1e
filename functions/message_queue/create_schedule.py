"""Declare a recurring task: an expression, a time zone, and what is to be done each time."""

import contextlib
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from interchange import clock, config, http, idempotency, store
from message_queue.recurring import recurrence, schedules


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    steering_table: str


settings = config.reader(Settings)


@idempotency.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer 201 with the schedule and its first tick."""
    id, trace = idempotency.new_id("sch", event), http.trace_of(event)
    row = recurrence.row(http.json_body(event), id=id, now=clock.now(), trace=trace)
    with contextlib.suppress(store.ConditionFailed):  # this very request made it, and died then
        store.put_new(settings().steering_table, row)
    # Relative to /api/tasks/schedules (RFC 9110 s.10.2.2).
    headers = {"Location": f"schedules/{row['id']}"}
    return http.response(HTTPStatus.CREATED, schedules.representation(row), headers)
