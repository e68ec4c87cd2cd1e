"""How an endpoint fares: since when it only fails, until when it is spared, its rate limit.

One row per endpoint beside its deliveries, apart from the endpoint's own: what happens here changes
no ETag.
"""

from datetime import UTC, datetime

from interchange import clock, store
from interchange.store import Item
from webhook.delivering import retries

_PART = "health"


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
    """Spare an endpoint until then, or longer where that is said already."""
    _set_if(
        table,
        endpoint_id,
        "SET #held_until = :until",
        when="attribute_not_exists(#held_until) OR #held_until < :until",
        until=clock.rfc3339(until),
    )


def failed(table: str, endpoint_id: str, *, now: datetime) -> Item:
    """Note a failure; the row says since when there were only such."""
    return store.update(
        table,
        key(endpoint_id),
        "SET #failing_since = if_not_exists(#failing_since, :now)",
        when="attribute_exists(#id) OR attribute_not_exists(#id)",
        values={"now": clock.rfc3339(now)},
    )


def succeeded(table: str, endpoint_id: str) -> None:
    """Note a success: the endpoint is well again."""
    change = "REMOVE #failing_since, #held_until"
    _set_if(table, endpoint_id, change, when="attribute_exists(#id)")


def is_hopeless(health: Item, *, now: datetime, scale: float) -> bool:
    """Tell whether an endpoint has done nothing but fail for five days."""
    return now - clock.parse(health["failing_since"]) >= retries.PATIENCE * scale


def slot(table: str, endpoint_id: str, *, per_second: int, now: datetime) -> datetime:
    """Take the next free moment of an endpoint with a rate limit: its own for whoever took it.

    https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm, without a burst.
    """
    step, millis = 1000 // per_second, _millis(now)
    try:
        taken = store.update(
            table,
            key(endpoint_id),
            "SET #next_slot = :next",
            when="attribute_not_exists(#next_slot) OR #next_slot <= :now",
            values={"next": millis + step, "now": millis},
        )
    except store.ConditionFailed:
        change = "SET #next_slot = #next_slot + :step"
        when = "attribute_exists(#next_slot)"
        taken = store.update(table, key(endpoint_id), change, when=when, values={"step": step})
    return datetime.fromtimestamp((taken["next_slot"] - step) / 1000, UTC)


def _millis(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _set_if(table: str, endpoint_id: str, change: str, *, when: str, **values: str) -> None:
    try:
        store.update(table, key(endpoint_id), change, when=when, values=values)
    except store.ConditionFailed:  # it is so already
        return


def forgetting(table: str, endpoint_id: str) -> store.Write:
    """Forget how the endpoint fared, in the transaction that enables it again."""
    return store.updating(
        table,
        key(endpoint_id),
        "REMOVE #failing_since, #held_until",
        when="attribute_exists(#id) OR attribute_not_exists(#id)",
        values={},
    )
