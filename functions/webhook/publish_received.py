"""Publish received webhooks: the table is the outbox, its stream the sender."""

from dataclasses import dataclass
from typing import Any

from interchange import config, messages, strict_json
from interchange.envelope import Event
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
        data=_json_or_bytes(received["body"]),
        trace=change.trace,
    )


def _json_or_bytes(body: bytes) -> Any:
    """Read the body; authentic bytes that are not JSON travel as they are."""
    try:
        return strict_json.loads(body)
    except BadRequest:
        return body
