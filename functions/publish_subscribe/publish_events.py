"""Publish an event to everybody who subscribes to its topic."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

from pydantic import JsonValue, StringConstraints

from interchange import clock, config, http, idempotency, messages
from interchange.envelope import Event
from interchange.errors import ContentTooLarge, NotFound, Unavailable
from interchange.observability import count
from interchange.validation import Body, validate

Attribute = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[!-~]+$")]

# SNS takes 262,144 bytes with the attributes; the body alone says little of the event's size.
_LARGEST_EVENT = 250_000


class Publication(Body):
    """What a publisher sends; `payload` passes unaltered, `type` defaults to the topic's name."""

    topic: Attribute
    payload: JsonValue
    type: Attribute | None = None
    subject: Attribute | None = None


@dataclass(frozen=True)
class Settings:
    """What the template gives this function; `topics` are separated by commas."""

    events_topic_arn: str
    topics: str


settings = config.reader(Settings)


@idempotency.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer 202 with the event's id once SNS has it: its acknowledgement is the durable write."""
    publication = validate(Publication, http.json_body(event))
    if publication.topic not in settings().topics.split(","):
        raise NotFound("No topic has this name.", code="topic_not_found")
    published = _event(publication, event)
    if len(published.to_json().encode()) > _LARGEST_EVENT:
        raise ContentTooLarge(
            f"An event has at most {_LARGEST_EVENT} bytes, its envelope included."
        )
    try:
        messages.publish(settings().events_topic_arn, [published])
    except messages.NotTaken as refusal:
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
