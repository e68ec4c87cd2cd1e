"""Publish an event to everybody who subscribes to its topic."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

from pydantic import JsonValue, StringConstraints

from interchange import clock, config, http, idempotency, publishing
from interchange.envelope import Event
from interchange.errors import NotFound, Unavailable
from interchange.observability import count
from interchange.validation import Body, validate

Attribute = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[!-~]+$")]


class Publication(Body):
    """What a publisher sends; `payload` passes unaltered, `type` defaults to the topic's name."""

    topic: Attribute
    payload: JsonValue
    type: Attribute | None = None
    subject: Attribute | None = None


@dataclass(frozen=True)
class Settings:
    """What the template gives this function; `topics` are separated by commas."""

    topics: str


settings = config.reader(Settings)


@idempotency.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer 202 with the event's id once SNS has it: its acknowledgement is the durable write."""
    publication = validate(Publication, http.json_body(event))
    if publication.topic not in settings().topics.split(","):
        raise NotFound("No topic has this name.", code="topic_not_found")
    published = _event(publication, event)
    try:
        publishing.publish([published])
    except publishing.NotTaken as refusal:
        raise Unavailable("The event was not taken; send it again.") from refusal
    count("EventPublished")
    return http.response(HTTPStatus.ACCEPTED, {"id": published.id, "topic": published.topic})


def _event(publication: Publication, request: http.Event) -> Event:
    return Event(
        id=idempotency.new_id("evt", request),
        source="/events/publish",
        type=publication.type or publication.topic,
        topic=publication.topic,
        subject=publication.subject,
        time=clock.rfc3339(clock.now()),
        data=publication.payload,
        trace=http.trace_of(request),
    )
