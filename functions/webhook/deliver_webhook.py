"""Deliver: claim the delivery's row, send the event, write how it ended."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from interchange import claims, clock, config
from interchange.claims import Claim
from interchange.observability import bind, count, logger
from interchange.records import Message, Retry, each_message
from interchange.store import Item
from webhook import attempts, deliveries, endpoints, health, kept_events, settlement
from webhook.endpoints import Endpoint


@dataclass(frozen=True)
class Settings:
    """What the template gives this function; the lease is its timeout: no attempt outlives it."""

    deliveries_table: str
    endpoints_table: str
    endpoint_secrets_table: str
    lease_seconds: int
    attempt_seconds: int
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
    row = held.row
    endpoint = endpoints.current(
        settings().endpoints_table, settings().endpoint_secrets_table, row["endpoint_id"]
    )
    text = kept_events.text(row, table=held.table)
    manual = bool(row.get("manual"))
    if endpoint is None:
        deliveries.erase(held.table, row["id"])
    elif endpoint.row["status"] != endpoints.ACTIVE and not manual:
        settlement.skipped(held, "endpoint_disabled", now=now)
    elif text is None:
        settlement.skipped(held, "event_erased", now=now)
    else:
        fares = health.get(held.table, row["endpoint_id"])
        if manual or not _put_off(held, endpoint, fares, now=now):
            _attempt(held, endpoint, text, fares, now=now)


def _put_off(held: Claim, endpoint: Endpoint, fares: Item, *, now: datetime) -> bool:
    """Wait where the endpoint is overloaded or its rate limit is used up; that is no attempt."""
    if until := health.held_until(fares, now=now):
        # All that wait would come back at once.
        spread = (until - now) * random.uniform(0, 0.2)  # noqa: S311 - spreads load
        settlement.postponed(held, until + spread)
        return True
    limit = endpoint.row["rate_limit"]
    if limit is None or held.row.get("slot_at"):
        return False
    moment = health.slot(held.table, endpoint.row["id"], per_second=limit, now=now)
    if moment <= now:
        return False
    settlement.postponed(held, moment, slot_at=clock.rfc3339(moment))
    return True


def _attempt(held: Claim, endpoint: Endpoint, text: str, fares: Item, *, now: datetime) -> None:
    row = held.row
    if row["attempts"] == 1:
        waited = now - clock.parse(row["created_at"])
        count("FirstAttemptMillis", round(waited.total_seconds() * 1000))
    outcome = attempts.make(
        endpoint,
        row["event_id"],
        text,
        now=now,
        timeout=settings().attempt_seconds,
        allow_local=settings().allow_local_targets == "true",
    )
    deliveries.keep_attempt(held, outcome, now=now)
    ended = clock.now()
    if outcome.delivered:
        settlement.delivered(held, now=ended, well="failing_since" not in fares)
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
