"""What publishers send, each in its own way, as entries of one kind."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import Field, JsonValue, StringConstraints

from interchange import clock, http, ids
from interchange.envelope import Event
from interchange.trace import Trace
from interchange.validation import Body, validate

SOURCE = "/events/publish"  # of events whose publisher names none

Attribute = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[!-~]+$")]


class Publication(Body):
    """What a publisher sends; `payload` passes unaltered, `type` defaults to the topic's name."""

    topic: Attribute
    payload: JsonValue
    type: Attribute | None = None
    subject: Attribute | None = None
    key: Annotated[
        Attribute | None, Field(description="What it is ordered by; an ordered topic requires it")
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An event to be; `member` is where its payload stood, `id` and `source` come together."""

    topic: str
    type: str
    data: Any
    member: str
    trace: Trace
    id: str | None = None
    source: str | None = None
    subject: str | None = None
    time: str | None = None
    datacontenttype: str | None = None
    dataschema: str | None = None
    extensions: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str | None:
        """Give the publisher's key: the Partitioning extension of CloudEvents."""
        key: str | None = self.extensions.get("partitionkey")
        return key

    @property
    def record_id(self) -> str | None:
        """Derive the log's id from what makes a publisher's own event: its source and id."""
        if self.source is None or self.id is None:
            return None
        return ids.derived("evt", self.source, self.id)


def of_publication(value: Any, request: http.Event) -> Entry:
    """Read a publication; UnprocessableContent says where it breaks a rule."""
    given = validate(Publication, value)
    return Entry(
        topic=given.topic,
        type=given.type or given.topic,
        data=given.payload,
        member="payload",
        trace=http.trace_of(request),
        subject=given.subject,
        extensions={} if given.key is None else {"partitionkey": given.key},
    )


def event_of(entry: Entry, new_id: str, *, ordered: bool) -> Event:
    """Make the event; `new_id` is for one whose publisher gave it none, the key for order."""
    now = clock.rfc3339(clock.now())
    return Event(
        id=entry.id or new_id,
        source=entry.source or SOURCE,
        type=entry.type,
        topic=entry.topic,
        time=entry.time or now,
        data=entry.data,
        trace=entry.trace,
        subject=entry.subject,
        key=entry.key if ordered else None,
        recorded_at=now,
        datacontenttype=entry.datacontenttype,
        dataschema=entry.dataschema,
        record_id=entry.record_id,
        extensions=entry.extensions,
    )
