"""Make a delivery for each endpoint that wants an event: the row is the outbox."""

import json
from dataclasses import dataclass
from datetime import timedelta

from interchange import clock, config, subscribers
from interchange.observability import count, logger
from interchange.records import Message, each_message
from webhook import deliveries, endpoints, filters, kept_events


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    endpoints_table: str
    deliveries_table: str
    retention_days: int


settings = config.reader(Settings)


@each_message
def handler(message: Message) -> None:
    """Write what is missing of the event's deliveries, however often the event comes."""
    received = subscribers.received(message)
    event, table = received.event, settings().deliveries_table
    fields = json.loads(received.text)
    listed = endpoints.catalogue(settings().endpoints_table, table)
    wanting = [each for each in listed if filters.matches(each, fields)]
    if not wanting:
        return
    now = clock.now()
    expires = int((now + timedelta(days=settings().retention_days)).timestamp())
    kept_events.keep(table, kept_events.row(received, expires_epoch=expires))
    rows = [
        deliveries.row(event, each, kept_as=kept_events.name(event), now=now, expires_epoch=expires)
        for each in wanting
    ]
    added = deliveries.add(table, rows)
    count("DeliveryAccepted", added)
    logger.info("Event fanned out", event_id=event.log_id, endpoints=len(rows), added=added)
