"""Deliver: claim the delivery's row, send the event, write how it ended."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from interchange import claims, clock, config, store
from interchange.claims import Claim
from interchange.observability import bind, count, logger
from interchange.records import Message, Retry, each_message
from interchange.store import Item
from webhook.delivering import (
    attempts,
    deliveries,
    endpoints,
    event_rows,
    flights,
    health,
    kept_events,
    lanes,
    settlement,
)
from webhook.delivering.endpoints import Endpoint
from webhook.delivering.outcomes import Outcome


@dataclass(frozen=True)
class Settings:
    """What the template gives this function; the lease is its timeout: no attempt outlives it."""

    deliveries_table: str
    endpoints_table: str
    endpoint_secrets_table: str
    lease_seconds: int
    attempt_seconds: int
    attempts_at_once: int
    retry_scale: float
    allow_local_targets: str


settings = config.reader(Settings)


@each_message
def handler(message: Message) -> None:
    """Deliver what the message says is due, if it still is."""
    bind(delivery_id=message.body["id"])
    now = clock.now()
    try:
        held = claims.take(
            settings().deliveries_table,
            deliveries.key(message.body["id"]),
            waiting=deliveries.WAITING,
            now=now,
            lease=timedelta(seconds=settings().lease_seconds),
        )
        _deliver(held, now=now)
    except claims.Over as status:
        logger.info("Delivery has ended", delivery_status=str(status))
    except claims.NotYet as status:
        raise Retry(f"the delivery is {status}", after=status.after) from None
    except claims.Lost:
        logger.warning("Claim was lost to another worker")


def _deliver(held: Claim, *, now: datetime) -> None:
    endpoint, event = _read(held)
    text = kept_events.text(event)
    if endpoint is None:
        lanes.pass_on(held, now=now)
        deliveries.erase(held.table, held.row["id"])
    elif endpoint.row["status"] != endpoints.ACTIVE and not held.row.get("manual"):
        settlement.skipped(held, "endpoint_disabled", now=now)
    elif text is None:
        settlement.skipped(held, kept_events.loss(event, held.row, now=now), now=now)
    else:
        _send(held, endpoint, text, now=now)


def _read(held: Claim) -> tuple[Endpoint | None, Item | None]:
    """Read the endpoint, None where it is deleted, and the event, None where it is gone.

    At every attempt: what was disabled a moment ago gets nothing more.
    """
    id = {"id": held.row["endpoint_id"]}
    row, secret, event = store.get_each(
        [
            (settings().endpoints_table, id),
            (settings().endpoint_secrets_table, id),
            (held.table, event_rows.key_of(held.row)),
        ]
    )
    return Endpoint(row, secret) if row and secret else None, event


def _send(held: Claim, endpoint: Endpoint, text: str, *, now: datetime) -> None:
    lease = timedelta(seconds=settings().lease_seconds)
    most = settings().attempts_at_once
    try:
        with flights.taken(held, most=most, now=now, lease=lease) as noted:
            outcome = None if _put_off(held, endpoint, now=now) else _attempt(held, endpoint, text)
            ended = clock.now()
            noted.update(_of_health(held, outcome, now=ended))
    except flights.Full as full:
        _wait(held, full.fares, now=now)
        return
    if outcome is not None:
        _settle(held, outcome, began=now, ended=ended)


def _of_health(held: Claim, outcome: Outcome | None, *, now: datetime) -> Item:
    """Say what an attempt says of the endpoint at once; a manual retry says nothing."""
    taken = outcome is not None and outcome.delivered
    return health.success(now=now) if taken and not held.row.get("manual") else {}


def _wait(held: Claim, fares: Item, *, now: datetime) -> None:
    """Wait until the endpoint is no longer spared, or for a slot, longer each time.

    All that wait would come back at once: they are spread.
    """
    waits = held.row.get("waits", 0) + 1
    until = None if held.row.get("manual") else health.held_until(fares, now=now)
    if until is not None:
        wait = (until - now) * random.uniform(1, 1.2)  # noqa: S311 - spreads load
    else:
        longest = settings().attempt_seconds * min(2.0 ** (waits - 4), 4)
        wait = timedelta(seconds=longest * random.uniform(0.5, 1))  # noqa: S311 - spreads load
    settlement.postponed(held, now + wait, waits=waits)


def _put_off(held: Claim, endpoint: Endpoint, *, now: datetime) -> bool:
    """Wait where the endpoint's rate limit is used up; that is no attempt."""
    limit = endpoint.row["rate_limit"]
    if limit is None or held.row.get("manual") or health.has_slot(held.row, now=now):
        return False
    moment = health.slot(held.table, endpoint.row["id"], per_second=limit, now=now)
    if moment <= now:
        return False
    missed = held.row.get("slot_at") is not None
    settlement.postponed(held, moment, slot_at=clock.rfc3339(moment), slot_missed=missed)
    return True


def _attempt(held: Claim, endpoint: Endpoint, text: str) -> Outcome:
    row, now = held.row, clock.parse(held.row["started_at"])
    if row["attempts"] == 1:
        waited = now - clock.parse(row["first_due_at"])
        count("FirstAttemptMillis", round(waited.total_seconds() * 1000))
    return attempts.make(
        endpoint,
        row["event_id"],
        text,
        now=now,
        timeout=settings().attempt_seconds,
        allow_local=settings().allow_local_targets == "true",
    )


def _settle(held: Claim, outcome: Outcome, *, began: datetime, ended: datetime) -> None:
    row = held.row
    deliveries.keep_attempt(held, outcome, now=began)
    if outcome.delivered:
        settlement.delivered(held, now=ended)
        count("DeliverySucceeded")
        logger.info("Delivered", millis=outcome.millis, attempt=row["attempts"])
        return
    status = settlement.failed(
        held,
        outcome,
        endpoints_table=settings().endpoints_table,
        now=ended,
        scale=settings().retry_scale,
    )
    kind = str(outcome.error_class)
    count("AttemptFailed")
    count(f"AttemptFailedBy{kind.title().replace('_', '')}")
    logger.warning("Attempt failed", error_class=kind, attempt=row["attempts"], status=status)
