"""Keep every event that was published: the log that people search and replays read."""

from dataclasses import dataclass
from datetime import timedelta

from interchange import clock, config, store, subscribers
from interchange.observability import count, logger
from interchange.records import Message, each_message
from interchange.subscribers import Received


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    events_table: str
    retention_days: int


settings = config.reader(Settings)


@each_message
def handler(message: Message) -> None:
    """Write the event's row once, however often SNS and SQS deliver it."""
    received = subscribers.received(message)
    event, now = received.event, clock.now()
    row = {
        "id": event.log_id,
        "topic": event.topic,
        **({} if event.subject is None else {"subject": event.subject}),
        "type": event.type,
        "time": event.time,
        **_kept(received),
        "logged_at": clock.rfc3339(now),
        "expires_epoch": int((now + timedelta(days=settings().retention_days)).timestamp()),
        "version": 1,
    }
    try:
        store.put_new(settings().events_table, row)
    except store.ConditionFailed:
        logger.info("Event logged before", event_id=event.log_id)
        return
    count("EventLogged")
    logger.info("Event logged", event_id=event.log_id, topic=event.topic, type=event.type)


def _kept(received: Received) -> store.Item:
    """Keep the event's text; where that waits by claim check, the key: a row has 400 KB."""
    if received.claim_check is None:
        return {"event": received.text}
    return {"claim_check": received.claim_check}
