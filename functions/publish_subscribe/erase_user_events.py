"""Erase what the event log keeps of a deleted user."""

from dataclasses import dataclass

from interchange import clock, config, payloads, store, users
from interchange.envelope import Event
from interchange.observability import count, logger
from interchange.subscribers import each_event


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    events_table: str
    events_by_subject_index: str


settings = config.reader(Settings)


@each_event
def handler(deleted: Event) -> None:
    """Delete the events about the user up to the deletion; a registration after it stays."""
    found = store.index_rows(
        settings().events_table,
        settings().events_by_subject_index,
        "#subject = :user_id",
        {"user_id": deleted.subject},
    )
    erased = [row for row in found if _is_before(row, deleted)]
    for row in erased:
        _erase(row)
    count("EventErased", len(erased))
    logger.info("Events erased", event_id=deleted.id, rows=len(erased))


def _is_before(row: store.Item, deleted: Event) -> bool:
    """Tell whether the event happened or was recorded up to the deletion, which itself stays.

    The time is its publisher's word, the recording ours; a registration afterwards is after both.
    """
    earlier = min(clock.parse(row["time"]), clock.parse(row["recorded_at"]))
    return earlier <= clock.parse(deleted.time) and row["type"] != users.DELETED


def _erase(row: store.Item) -> None:
    """Delete the event where it waits by claim check, then its row, which says where that is."""
    if "claim_check" in row:
        payloads.delete(row["claim_check"])
    store.discard(settings().events_table, {"id": row["id"]})
