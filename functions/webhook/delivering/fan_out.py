"""Fan an event out: a delivery for each endpoint that wants it, however often the event comes."""

import json
from datetime import datetime, timedelta

from interchange.observability import count, logger
from interchange.store import Item
from interchange.subscribers import Received
from webhook.delivering import deliveries, endpoints, filters, kept_events, lanes


def carry_out(
    received: Received,
    *,
    endpoints_table: str,
    deliveries_table: str,
    retention: timedelta,
    now: datetime,
) -> None:
    """Write what is missing of the event's deliveries."""
    fields = json.loads(received.text)
    listed = endpoints.catalogue(endpoints_table, deliveries_table)
    wanting = [each for each in listed if filters.matches(each, fields)]
    id = received.event.log_id
    if not wanting:
        logger.info("Event is wanted by no endpoint", event_id=id)
        return
    expires = int((now + retention).timestamp())
    kept_events.keep(deliveries_table, kept_events.row(received, expires_epoch=expires))
    rows = [_row(received, each, now=now, expires_epoch=expires) for each in wanting]
    added = _add(deliveries_table, rows)
    count("DeliveryAccepted", added)
    logger.info("Event fanned out", event_id=id, endpoints=len(rows), added=added)


def _row(received: Received, endpoint: Item, *, now: datetime, expires_epoch: int) -> Item:
    event = received.event
    name = kept_events.name(event)
    row = deliveries.row(event, endpoint, kept_as=name, now=now, expires_epoch=expires_epoch)
    return row | lanes.lane_of(event, endpoint)


def _add(table: str, rows: list[Item]) -> int:
    """Write the rows; what is skipped has ended, and enters no lane."""
    due = [each for each in rows if each["status"] == deliveries.PENDING]
    entering = [each for each in due if lanes.is_laned(each)]
    others = [each for each in rows if each not in entering]
    return deliveries.add(table, others) + lanes.add(table, entering)
