"""How an endpoint fares: since when it only fails, until when it is spared, its rate limit.

One row per endpoint beside its deliveries, apart from the endpoint's own: what happens here changes
no ETag. Attempts end, and are noted, in any order: nothing is taken back, times are compared.
"""

import contextlib
import math
from datetime import UTC, datetime, timedelta

from interchange import clock, store
from interchange.store import Item
from webhook.delivering import retries

_PART = "health"
_LATE = timedelta(minutes=2)  # Scheduler counts minutes, and a queue takes its time
_BEGINS = "attribute_not_exists(#failing_since) OR #failing_since <= #succeeded_at"
_COUNTS = "attribute_not_exists(#succeeded_at) OR #succeeded_at < :now"


def key(endpoint_id: str) -> Item:
    """Give the key of an endpoint's row."""
    return {"id": endpoint_id, "part": _PART}


def get(table: str, endpoint_id: str) -> Item:
    """Read how an endpoint fares; nothing is known of one that has always been well."""
    return store.get(table, key(endpoint_id)) or {}


def held_until(health: Item, *, now: datetime) -> datetime | None:
    """Say until when an endpoint is spared, if it is."""
    until = health.get("held_until")
    return clock.parse(until) if until is not None and until > clock.rfc3339(now) else None


def hold(table: str, endpoint_id: str, *, until: datetime) -> None:
    """Spare an endpoint until then, or longer where that is said already; no success ends it."""
    with contextlib.suppress(store.ConditionFailed):
        store.update(
            table,
            key(endpoint_id),
            "SET #held_until = :until",
            when="attribute_not_exists(#held_until) OR #held_until < :until",
            values={"until": clock.rfc3339(until)},
        )


def failed(table: str, endpoint_id: str, *, now: datetime) -> Item:
    """Note a failure, where it is the first since the last success; the row says since when."""
    try:
        return store.update(
            table,
            key(endpoint_id),
            "SET #failing_since = :now",
            when=f"({_BEGINS}) AND ({_COUNTS})",
            values={"now": clock.rfc3339(now)},
        )
    except store.ConditionFailed as refused:  # there were others, or a success came later
        return refused.item


def success(*, now: datetime) -> Item:
    """Say what the row says of an endpoint that took an event."""
    return {"succeeded_at": clock.rfc3339(now)}


def is_hopeless(health: Item, *, now: datetime, scale: float) -> bool:
    """Tell whether an endpoint has done nothing but fail for five days."""
    since = health.get("failing_since")
    if since is None or since <= health.get("succeeded_at", ""):
        return False
    return now - clock.parse(since) >= retries.PATIENCE * scale


def slot(table: str, endpoint_id: str, *, per_second: int, now: datetime) -> datetime:
    """Take the next free moment of an endpoint with a rate limit: its own for whoever took it.

    https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm, without a burst.
    """
    step, micros = math.ceil(1_000_000 / per_second), _micros(now)
    try:
        taken = store.update(
            table,
            key(endpoint_id),
            "SET #next_slot_micros = :next",
            when="attribute_not_exists(#next_slot_micros) OR #next_slot_micros <= :now",
            values={"next": micros + step, "now": micros},
        )
    except store.ConditionFailed:
        change = "SET #next_slot_micros = #next_slot_micros + :step"
        when = "attribute_exists(#next_slot_micros)"
        taken = store.update(table, key(endpoint_id), change, when=when, values={"step": step})
    return datetime.fromtimestamp((taken["next_slot_micros"] - step) / 1_000_000, UTC)


def has_slot(delivery: Item, *, now: datetime) -> bool:
    """Tell whether a delivery may go by its slot; one that it missed is given anew, once.

    After an outage a whole backlog has missed its slots. Where queues are long, who is always late
    must go in the end.
    """
    slot_at = delivery.get("slot_at")
    if slot_at is None:
        return False
    return bool(delivery.get("slot_missed")) or now - clock.parse(slot_at) < _LATE


def _micros(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000)


def forgetting(table: str, endpoint_id: str) -> store.Write:
    """Forget how the endpoint fared, in the transaction that enables it again."""
    return store.updating(
        table,
        key(endpoint_id),
        "REMOVE #failing_since, #held_until",
        when="attribute_exists(#id) OR attribute_not_exists(#id)",
        values={},
    )
