"""Events as deliveries need them: each kept once, beside the deliveries, as long as they are.

A large event's payload is not: its bucket keeps it for the retention, counted from its publication.
"""

import contextlib
from datetime import datetime

from botocore.exceptions import ClientError

from interchange import payloads, store
from interchange.envelope import Event
from interchange.store import Item
from interchange.subscribers import Received
from webhook.delivering import event_rows


def row(received: Received, *, expires_epoch: int) -> Item:
    """Make the row that keeps an event for all its deliveries; a large one's says where it is."""
    event, waits_at = received.event, received.claim_check
    about = {} if event.subject is None else {"subject": event.subject}
    waits = {"event": received.text} if waits_at is None else {"claim_check": waits_at}
    return {
        **event_rows.key(name(event)),
        **about,
        "time": event.time,
        "type": event.type,
        **waits,
        "expires_epoch": expires_epoch,
        "version": 1,
    }


def keep(table: str, row: Item) -> None:
    """Keep an event once."""
    with contextlib.suppress(store.ConditionFailed):  # an earlier try was here
        store.put_new(table, row)


def text(found: Item | None) -> str | None:
    """Give an event as it is sent; None where it was erased, or has expired."""
    if found is None:
        return None
    whole: str | None = found["event"] if "event" in found else _payload(found["claim_check"])
    return whole


def loss(found: Item | None, delivery: Item, *, now: datetime) -> str:
    """Say why an event has no text: it was erased, or the time is over that it is kept for."""
    about = delivery if found is None else found
    until: int = about.get("retained_until") or about["expires_epoch"]
    return "event_expired" if until <= now.timestamp() else "event_erased"


def _payload(claim_check: str) -> str | None:
    try:
        return payloads.get(claim_check).decode()
    except ClientError as error:
        # What is not there S3 denies to whoever may not list.
        if error.response["Error"]["Code"] in ("NoSuchKey", "AccessDenied"):
            return None
        raise


def forget(table: str, kept_as: str) -> None:
    """Erase an event: what waits for it will be skipped. A payload is the event log's to erase."""
    store.discard(table, event_rows.key(kept_as))


def name(event: Event) -> str:
    """Name an event with its replay: a replay is delivered again, a duplicate is not."""
    return event.log_id if event.replay is None else f"{event.log_id}#{event.replay}"
