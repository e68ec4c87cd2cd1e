"""Try a webhook endpoint with an event: say whether it matches, and what the endpoint answers."""

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

from pydantic import Field, JsonValue

from interchange import clock, config, http, idempotency, store
from interchange.envelope import Event
from interchange.observability import count
from interchange.validation import Body, validate
from webhook.delivering import attempts, endpoints, filters
from webhook.delivering.endpoint_fields import Extensions, Text, Word
from webhook.delivering.endpoints import Endpoint
from webhook.delivering.outcomes import Outcome


class TriedEvent(Body):
    """An event as a publisher would send it."""

    topic: Word
    source: Annotated[
        Text | None,
        Field(description="Compared alone: what is sent is `/webhook-endpoints/tests`'s"),
    ] = None
    type: Word | None = None
    subject: Word | None = None
    extensions: Extensions = Field(default_factory=dict)
    data: Annotated[JsonValue, Field(description="What the publisher would say")] = None


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    endpoints_table: str
    endpoint_secrets_table: str
    attempt_seconds: int
    allow_local_targets: str


settings = config.reader(Settings)


@idempotency.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer 200 with what became of one signed delivery, which is neither kept nor tried again."""
    asked = validate(TriedEvent, http.json_body(event))
    endpoint = _endpoint(http.path_id(event))
    tried = _event(asked, event)
    text = tried.to_json()
    outcome = attempts.make(
        endpoint,
        tried.id,
        text,
        now=clock.now(),
        timeout=settings().attempt_seconds,
        allow_local=settings().allow_local_targets == "true",
    )
    count("EndpointTested")
    body = {
        "event_id": tried.id,
        "matches": filters.matches(endpoint.row, json.loads(text) | _compared(asked)),
        "attempt": _shown(outcome),
    }
    return http.response(HTTPStatus.OK, body)


def _endpoint(endpoint_id: str) -> Endpoint:
    row = endpoints.get(settings().endpoints_table, endpoint_id)
    secret = store.get(settings().endpoint_secrets_table, {"id": endpoint_id})
    if secret is None:  # deleted at this moment
        raise endpoints.not_found()
    return Endpoint(row, secret)


def _compared(asked: TriedEvent) -> dict[str, str]:
    """Give what filters see and receivers do not: a test's event says that it is one."""
    return {} if asked.source is None else {"source": asked.source}


def _event(asked: TriedEvent, request: http.Event) -> Event:
    return Event(
        id=idempotency.new_id("evt", request),
        source="/webhook-endpoints/tests",
        type=asked.type or asked.topic,
        topic=asked.topic,
        subject=asked.subject,
        time=clock.rfc3339(clock.now()),
        data=asked.data,
        trace=http.trace_of(request),
        extensions=asked.extensions,
    )


def _shown(outcome: Outcome) -> dict[str, Any]:
    found = {
        "delivered": outcome.delivered,
        "millis": outcome.millis,
        "status_code": outcome.status_code,
        "error_class": outcome.error_class,
        "detail": outcome.detail,
        "response": outcome.response.decode(errors="replace"),
    }
    return {name: value for name, value in found.items() if value is not None}
