"""Publish received webhooks: the table is the outbox, its stream the sender."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from interchange import publishing, strict_json
from interchange.envelope import Event, Json
from interchange.errors import BadRequest
from interchange.streams import Change, from_stream
from webhook.providers.contract import JSON
from webhook.receiving import bodies


@from_stream
def handler(changes: list[Change]) -> None:
    """Publish one event per received webhook, and again per replay, with the provider's body."""
    for batch in _batches(each for each in changes if _is_news(each)):
        publishing.publish(map(_event, batch))


def _is_news(change: Change) -> bool:
    """Tell a new webhook, or a new replay of one, from any other change."""
    return not change.old or change.new.get("replay_id") != change.old.get("replay_id")


def _batches(changes: Iterable[Change]) -> Iterator[list[Change]]:
    """Take small bodies together and each large one alone: memory has room for a few of those."""
    for is_large, group in groupby(changes, key=lambda each: "body_key" in each.new):
        if is_large:
            yield from ([each] for each in group)
        else:
            yield list(group)


def _event(change: Change) -> Event:
    row = change.new
    body, media = bodies.get(row), row["media"]
    change.told["event_id"] = row["event_id"]
    return Event(
        id=row["event_id"],
        source=f"/webhooks/{row['source']}",
        type=row["type"],
        topic=row["topic"],
        subject=row["id"],
        time=row["received_at"],
        data=_as_sent(body) if media == JSON else body,
        datacontenttype=None if media == JSON else media,
        trace=change.trace,
        replay=row.get("replay_id"),
    )


def _as_sent(body: bytes) -> Json | bytes:
    """Pass the body on as it is, as JSON where it is JSON."""
    try:
        strict_json.loads(body)
    except BadRequest:
        return body
    return Json(body.decode())
