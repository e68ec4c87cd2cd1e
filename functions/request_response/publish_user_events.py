"""Publish `user.registered` and `user.imported`: the table is the outbox, its stream the sender."""

from dataclasses import dataclass

from interchange import config, ids, messages, users
from interchange.envelope import Event
from interchange.records import Change, from_stream


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    events_topic_arn: str


settings = config.reader(Settings)


@from_stream
def handler(changes: list[Change]) -> None:
    """Publish one event per new row; the id comes from the row, so a second try is recognised."""
    messages.publish(settings().events_topic_arn, map(_event, changes))


def _event(change: Change) -> Event:
    user = change.new
    type = f"user.{user['origin']}"
    return Event(
        id=ids.derived("evt", type, user["id"], user["created_at"]),
        source="/api/users",
        type=type,
        topic="user-events",
        subject=user["id"],
        time=user["created_at"],
        data=users.representation(user),
        trace=change.trace,
    )
