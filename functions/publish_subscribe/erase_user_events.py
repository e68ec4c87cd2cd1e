"""Erase what the event log keeps of a deleted user."""

import contextlib
from dataclasses import dataclass

from interchange import config, envelope, store, users
from interchange.observability import count, logger
from interchange.records import Message, each_message


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    events_table: str
    events_by_subject_index: str


settings = config.reader(Settings)


@each_message
def handler(message: Message) -> None:
    """Delete the events about the user up to the deletion; a registration after it stays."""
    deleted = envelope.from_dict(message.body)
    found = store.index_rows(
        settings().events_table,
        settings().events_by_subject_index,
        "#subject = :user_id AND #time <= :deleted_at",
        {"user_id": deleted.subject, "deleted_at": deleted.time},
    )
    erased = [row for row in found if row["type"] != users.DELETED]
    for row in erased:
        _erase(row)
    count("EventErased", len(erased))
    logger.info("Events erased", event_id=deleted.id, rows=len(erased))


def _erase(row: store.Item) -> None:
    with contextlib.suppress(store.ConditionFailed):  # an earlier delivery was here
        store.delete(settings().events_table, {"id": row["id"]}, when="attribute_exists(#id)")
