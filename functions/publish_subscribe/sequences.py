"""Sequences: the events of a key by number, and the counter that gives the numbers."""

from interchange import store
from interchange.envelope import Event

EVENT = 1  # the place of the event's row among a transaction's writes

_FIRST = "attribute_not_exists(#last)"


def topic_key(topic: str, key: str) -> str:
    """Name a key within its topic; no topic's name has a #."""
    return f"{topic}#{key}"


def append(table: str, event: Event, *, key: str, expires_epoch: int) -> int:
    """Count up and write the event's row, both or neither; the counter outlives what it counted."""
    counter = {"id": f"key#{topic_key(event.topic, key)}"}
    last: int = (store.get(table, counter) or {"last": 0})["last"]
    row = {
        "id": event.log_id,
        "topic": event.topic,
        "key": key,
        "topic_key": topic_key(event.topic, key),
        "number": last + 1,
        "type": event.type,
        "recorded_at": event.recorded_at,
        "expires_epoch": expires_epoch,
        "version": 1,
    }
    counting = store.updating(
        table,
        counter,
        "SET #last = :number, #expires_epoch = :expires_epoch",
        when="#last = :last" if last else _FIRST,
        values={
            "number": last + 1,
            "expires_epoch": expires_epoch,
            **({"last": last} if last else {}),
        },
    )
    store.transact([counting, store.putting_new(table, row)])
    return last + 1
