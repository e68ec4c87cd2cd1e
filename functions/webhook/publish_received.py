"""Publish received webhooks: the table is the outbox, its stream the sender."""

from dataclasses import dataclass

from interchange import config, messages, strict_json
from interchange.envelope import Event, Json
from interchange.errors import BadRequest
from interchange.records import Change, from_stream


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    events_topic_arn: str


settings = config.reader(Settings)


@from_stream
def handler(changes: list[Change]) -> None:
    """Publish one event per received webhook, with the provider's own body as its data."""
    messages.publish(settings().events_topic_arn, map(_event, changes))


def _event(change: Change) -> Event:
    received = change.new
    return Event(
        id=received["event_id"],
        source=f"/webhooks/{received['source']}",
        type=received["type"],
        topic=received["topic"],
        subject=received["id"],
        time=received["received_at"],
        data=_as_sent(received["body"]),
        trace=change.trace,
    )


def _as_sent(body: bytes) -> Json | bytes:
    """Pass the body on as it is, as JSON where it is JSON."""
    try:
        strict_json.loads(body)
    except BadRequest:
        return body
    return Json(body.decode())
