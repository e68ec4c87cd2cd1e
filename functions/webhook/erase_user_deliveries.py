"""Erase the events about a deleted user that wait to be delivered, or were."""

from dataclasses import dataclass

from interchange import config, store, users
from interchange.envelope import Event
from interchange.observability import count, logger
from interchange.subscribers import each_event
from webhook.delivering import kept_events


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    deliveries_table: str
    deliveries_by_subject_index: str


settings = config.reader(Settings)


@each_event
def handler(deleted: Event) -> None:
    """Delete the events up to the deletion; deliveries that wait for one are then skipped."""
    found = store.index_rows(
        settings().deliveries_table,
        settings().deliveries_by_subject_index,
        "#subject = :user_id AND #time <= :deleted_at",
        {"user_id": deleted.subject, "deleted_at": deleted.time},
    )
    erased = [row for row in found if row["type"] != users.DELETED]
    for row in erased:
        kept_events.forget(settings().deliveries_table, row["id"])
    count("EventErased", len(erased))
    logger.info("Events erased", event_id=deleted.id, rows=len(erased))
