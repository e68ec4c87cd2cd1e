"""Publish what happens to users: the users table is the outbox, its stream the sender."""

from typing import Any

from interchange import clock, ids, publishing, users
from interchange.envelope import Event
from interchange.streams import Change, from_stream


@from_stream
def handler(changes: list[Change]) -> None:
    """Publish an event per insertion, change and deletion; a second try has the same id."""
    publishing.publish(_event(each) for each in changes if _is_news(each))


def _is_news(change: Change) -> bool:
    """Tell what others see from what is only noted in the row, such as by which import."""
    return not (change.old and change.new) or users.differ(change.old, change.new)


def _event(change: Change) -> Event:
    user = change.new
    if user and change.old:
        # Events may overtake one another: the version in the data says which is the later.
        shown, version = users.representation(user), str(user["version"])
        return _about(change, users.UPDATED, user["updated_at"], shown, version)
    if user:
        shown = users.representation(user)
        return _about(change, f"user.{user['origin']}", user["created_at"], shown)
    user = change.old
    # Of who is deleted, the event says no more than the id. Only our own route says when: an
    # administrator's deletion does not.
    deleted_at = user.get("deleted_at") or clock.rfc3339(clock.now())
    return _about(change, users.DELETED, deleted_at, {"id": user["id"]})


def _about(change: Change, type: str, time: str, data: dict[str, Any], *version: str) -> Event:
    created_at = (change.new or change.old)["created_at"]
    id = change.told["event_id"] = ids.derived("evt", type, change.key["id"], created_at, *version)
    return Event(
        id=id,
        source="/api/users",
        type=type,
        topic="user-events",
        subject=change.key["id"],
        time=time,
        data=data,
        trace=change.trace,
    )
