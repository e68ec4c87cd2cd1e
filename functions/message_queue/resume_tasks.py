"""End a pause and wake what it kept back; a sweep does that."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from interchange import clock, config, http, ids
from message_queue.steering import pauses, scopes, sweeps


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    steering_table: str


settings = config.reader(Settings)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer 204, whether there was a pause or not."""
    scope = scopes.named(event)
    name, _, value = scope.partition(":")
    pauses.end(settings().steering_table, scope)
    # Even where no pause was left: whoever ended it may have died before its sweep.
    sweeps.begin(
        settings().steering_table,
        ids.new("swp"),
        listing="parked",
        now=clock.now(),
        trace=http.trace_of(event),
        wait=pauses.SETTLED,
        **{name: value},
    )
    return http.response(HTTPStatus.NO_CONTENT)
