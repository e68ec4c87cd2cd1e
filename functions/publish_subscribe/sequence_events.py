"""Number the events of each key, in the order they were published: a subscriber of ordered topics.

SequencesTable: a row per event, `id` (the log's), `topic`, `key`, `number` (from 1, without gaps),
`type`, `recorded_at`; the index `by-key` has them by `topic_key` (see `sequences.topic_key`) in the
order of `number`. Beside them a row per key, with its `last` number.
"""

from dataclasses import dataclass
from datetime import timedelta

from interchange import clock, config
from interchange.envelope import Event
from interchange.observability import count, logger
from interchange.records import Retry
from interchange.store import TransactionRefused
from interchange.subscribers import Dropped, each_event
from publish_subscribe import sequences


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    sequences_table: str
    retention_days: int


settings = config.reader(Settings)


@each_event
def handler(event: Event) -> None:
    """Give the event its key's next number, once; what comes after it waits in its queue."""
    if event.key is None:
        raise Dropped("the event has no key")
    table, now = settings().sequences_table, clock.now()
    expires = int((now + timedelta(days=settings().retention_days)).timestamp())
    try:
        number = sequences.append(table, event, key=event.key, expires_epoch=expires)
    except TransactionRefused as refusal:
        _of_refusal(event, refusal)
        return
    count("EventSequenced")
    logger.info("Event sequenced", event_id=event.log_id, number=number)


def _of_refusal(event: Event, refusal: TransactionRefused) -> None:
    if not refusal.writes[sequences.EVENT].failed:
        raise Retry("another event of the key has just been numbered")
    logger.info("Event sequenced before", event_id=event.log_id)
