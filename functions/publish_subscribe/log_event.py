"""Keep every event that was published: the log that people search and replays read."""

from dataclasses import dataclass
from datetime import timedelta

from interchange import clock, config, store, subscribers
from interchange.observability import count, logger
from interchange.records import Message, each_message
from publish_subscribe import event_rows


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
    event = received.event
    retention = timedelta(days=settings().retention_days)
    row = event_rows.row(
        event, received.text, received.claim_check, now=clock.now(), retention=retention
    )
    try:
        store.put_new(settings().events_table, row)
    except store.ConditionFailed:
        logger.info("Event logged before", event_id=event.log_id)
        return
    count("EventLogged")
    logger.info("Event logged", event_id=event.log_id, topic=event.topic, type=event.type)
