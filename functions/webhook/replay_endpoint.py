"""Replay what an endpoint has missed since a time: failed, or skipped while it was disabled."""

from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from interchange import clock, config, http, idempotency, store
from interchange.errors import Conflict
from interchange.observability import count
from interchange.validation import Body, validate
from webhook.delivering import endpoints, moments, replays

Ended = Literal["exhausted", "skipped", "delivered"]
_MISSED: tuple[Ended, ...] = ("exhausted", "skipped")


class NewReplay(Body):
    """From when on, and what of it."""

    since: Annotated[
        str,
        StringConstraints(max_length=64),
        Field(description="RFC 3339", json_schema_extra={"format": "date-time"}),
    ]
    statuses: Annotated[list[Ended], Field(min_length=1, max_length=3)] = Field(
        default_factory=lambda: list(_MISSED)
    )


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    endpoints_table: str
    deliveries_table: str
    retention_days: int


settings = config.reader(Settings)


@idempotency.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer 202 with the job; 409 where the endpoint is disabled and would skip it all again."""
    asked = validate(NewReplay, http.json_body(event))
    endpoint = endpoints.get(settings().endpoints_table, http.path_id(event))
    if endpoint["status"] != endpoints.ACTIVE:
        raise Conflict("The endpoint is disabled; enable it first.", code="endpoint_disabled")
    now = clock.now()
    row = replays.row(
        idempotency.new_id("job", event),
        endpoint["id"],
        since=moments.read(asked.since, "since", default=moments.FIRST),
        statuses=list(asked.statuses),
        now=now,
        expires_epoch=int((now + timedelta(days=settings().retention_days)).timestamp()),
        trace=http.trace_of(event),
    )
    try:
        store.put_new(settings().deliveries_table, row)
    except store.ConditionFailed as met:  # this very request made it
        row = met.item
    count("ReplayStarted")
    headers = {"Location": f"replays/{row['id']}", "Retry-After": "1"}
    return http.response(HTTPStatus.ACCEPTED, replays.representation(row), headers)
