"""Publishers' own events: one source and id is one event, published once.

A claim (`interchange.once`) goes before SNS and is finished after it. A death between the two lets
the claim's lease end, and the next try publishes under the same id; one that is finished is known.
"""

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta

from botocore.exceptions import BotoCoreError, ClientError

from interchange import clock, config, once
from interchange.errors import Conflict, Unavailable
from interchange.observability import logger
from interchange.store import Item
from publish_subscribe.entries import Entry


@dataclass(frozen=True)
class Settings:
    """What the template gives who takes publishers' own ids."""

    idempotency_table: str
    retention_days: int


settings = config.reader(Settings)


def claim(entry: Entry, *, lease: timedelta) -> Item | None:
    """Claim an event for this request; None for one whose id is ours to give."""
    if entry.record_id is None:
        return None
    try:
        return once.claim(
            settings().idempotency_table,
            f"claim_{entry.record_id}",
            fingerprint=fingerprint(entry),
            now=clock.now(),
            lease=lease,
            kept=timedelta(days=settings().retention_days),
        )
    except once.Different:
        raise reused() from None
    except once.Running:
        raise Unavailable(
            "Another request is publishing this event.", code="event_in_progress"
        ) from None


def reused() -> Conflict:
    """Refuse an event whose source and id belong to another."""
    return Conflict("This source and id were another event's.", code="event_id_reused")


def settle(held: Item, *, taken: bool) -> None:
    """Say that SNS has the event, or let the next try have it; SNS's word stands either way."""
    table = settings().idempotency_table
    try:
        if taken:
            once.finish(table, held)
        else:
            once.give_up(table, held, now=clock.now())
    except (ClientError, BotoCoreError):
        logger.warning("A claim could not be settled; its lease will end")


def fingerprint(entry: Entry) -> str:
    """Digest what the publisher said: the same source and id say the same."""
    data = base64.b64encode(entry.data).decode() if isinstance(entry.data, bytes) else entry.data
    said = [entry.topic, entry.type, entry.subject, entry.time, entry.member, data]
    said += [entry.datacontenttype, entry.dataschema, dict(entry.extensions)]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
