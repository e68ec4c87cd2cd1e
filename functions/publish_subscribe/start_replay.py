"""Take a replay on: its row is committed, and its stream sends the first step."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Any

from pydantic import Field

from interchange import clock, config, http, idempotency, store
from interchange.errors import NotFound, UnprocessableContent
from interchange.observability import count
from interchange.validation import Body, Moment, validate
from interchange.windows import Window
from publish_subscribe import replays, subscriptions, topics
from publish_subscribe.event_log import Wanted


class Replay(Body):
    """What to send again: what was recorded from `from` on and before `to`, at most until now."""

    topic: Annotated[str, Field(min_length=1, max_length=64)]
    start: Annotated[Moment, Field(alias="from")]
    end: Annotated[Moment | None, Field(alias="to")] = None
    type: Annotated[str, Field(min_length=1, max_length=512)] | None = None
    subscriber: str | None = None
    events_per_second: Annotated[int, Field(ge=replays.SLOWEST, le=replays.FASTEST)] = replays.USUAL


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    replays_table: str
    topics_table: str
    retention_days: int


settings = config.reader(Settings)


@idempotency.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer 202 with the replay and where to follow it."""
    asked = validate(Replay, http.json_body(event))
    _require_topic(asked.topic)
    _require_subscriber(asked.subscriber)
    now = clock.now()
    replay = replays.new(
        idempotency.new_id("rpl", event),
        Wanted(asked.topic, _window(asked, now=now), asked.type),
        subscriber=asked.subscriber,
        events_per_second=asked.events_per_second,
        now=now,
        retention=timedelta(days=settings().retention_days),
        trace=http.trace_of(event),
    )
    try:
        store.put_new(settings().replays_table, replay)
    except store.ConditionFailed as met:
        replay = met.item  # this very request made it, and died before it could answer
    else:
        count("ReplayStarted")
    # Relative to /events/replays (RFC 9110 s.10.2.2).
    headers = {"Location": f"replays/{replay['id']}", "Retry-After": "1"}
    return http.response(HTTPStatus.ACCEPTED, replays.representation(replay), headers)


def _window(asked: Replay, *, now: datetime) -> Window:
    """Fix the window: what is recorded from here on is not in it."""
    present = clock.rfc3339(now)
    window = Window(asked.start, min(asked.end or present, present))
    if window.start >= window.end:
        raise UnprocessableContent(
            "The window is empty.",
            errors=[{"detail": "Must be before `to`, and in the past", "pointer": "/from"}],
        )
    return window


def _require_topic(name: str) -> None:
    if topics.find(settings().topics_table, name) is None:
        raise NotFound("No topic has this name.", code="topic_not_found")


def _require_subscriber(name: str | None) -> None:
    known = sorted(subscriptions.REPLAYABLE)
    if name is not None and name not in known:
        raise NotFound(
            f"No subscriber has this name; those that take replays: {', '.join(known)}.",
            code="subscriber_not_found",
        )
