"""Publish received webhooks: the table is the outbox, its stream the sender."""

from interchange import publishing, strict_json
from interchange.envelope import Event, Json
from interchange.errors import BadRequest
from interchange.streams import Change, from_stream


@from_stream
def handler(changes: list[Change]) -> None:
    """Publish one event per received webhook, with the provider's own body as its data."""
    publishing.publish(map(_event, changes))


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
