"""Give dead tasks another life, all or some, so many a second; a sweep does it."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

from pydantic import Field

from interchange import clock, config, http, idempotency
from interchange.validation import Body, validate
from message_queue.steering import sweeps


class Redrive(Body):
    """Which of the dead, and how fast; {} is all of them."""

    type: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    limit: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    per_second: Annotated[int, Field(ge=1, le=1000)] = 10


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    steering_table: str


settings = config.reader(Settings)


@idempotency.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer 202 with the sweep and where to follow it."""
    wanted = validate(Redrive, http.json_body(event))
    sweep = sweeps.begin(
        settings().steering_table,
        idempotency.new_id("swp", event),
        listing="dead",
        now=clock.now(),
        trace=http.trace_of(event),
        **wanted.model_dump(),
    )
    # Relative to /api/tasks/dead/redrives (RFC 9110 s.10.2.2).
    headers = {"Location": f"redrives/{sweep['id']}", "Retry-After": "1"}
    return http.response(HTTPStatus.ACCEPTED, sweeps.representation(sweep), headers)
