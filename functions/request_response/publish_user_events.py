"""Publish what happens to users: the users table is the outbox, its stream the sender."""

from typing import Any

from interchange import clock, ids, publishing, users
from interchange.envelope import Event
from interchange.streams import Change, from_stream


@from_stream
def handler(changes: list[Change]) -> None:
    """Publish an event per insertion and deletion; a second try has the same id."""
    publishing.publish(map(_event, changes))


def _event(change: Change) -> Event:
    if change.new:
        user = change.new
        return _about(
            change, f"user.{user['origin']}", user["created_at"], users.representation(user)
        )
    user = change.old
    # Of who is deleted, the event says no more than the id. Only our own route says when: an
    # administrator's deletion does not.
    deleted_at = user.get("deleted_at") or clock.rfc3339(clock.now())
    return _about(change, users.DELETED, deleted_at, {"id": user["id"]})


def _about(change: Change, type: str, time: str, data: dict[str, Any]) -> Event:
    created_at = (change.new or change.old)["created_at"]
    return Event(
        id=ids.derived("evt", type, change.key["id"], created_at),
        source="/api/users",
        type=type,
        topic="user-events",
        subject=change.key["id"],
        time=time,
        data=data,
        trace=change.trace,
    )
