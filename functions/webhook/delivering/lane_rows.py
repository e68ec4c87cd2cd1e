"""The rows of lanes, and how they change: who gets which place, who is woken."""

from datetime import datetime

from interchange import clock, store
from interchange.store import Item, Write
from webhook.delivering import deliveries, event_rows, retries

_PART = "lane"


def key(lane: str) -> Item:
    """Give a lane's key."""
    return {"id": lane, "part": _PART}


def placed(row: Item, lane: Item | None) -> Item:
    """Give a delivery the next place of its lane, and the state that goes with it."""
    head, last = (1, 0) if lane is None else (lane["head"], lane["last"])
    state = deliveries.PENDING if last + 1 == head else deliveries.QUEUED
    return row | {"place": last + 1, "status": state}


def lengthening(table: str, row: Item, lane: Item | None) -> Write:
    """Count the place of a delivery, if the lane is as it was seen."""
    values = {"last": row["place"], "expires_epoch": row["expires_epoch"]}
    if lane is not None:
        expires = max(row["expires_epoch"], lane["expires_epoch"])
        return _changing(table, lane, values | {"expires_epoch": expires})
    # The index by endpoint finds it, for whoever erases what a deleted endpoint leaves behind.
    about = {name: row[name] for name in ("endpoint_id", "created_at")}
    new = key(row["lane"]) | values | about | {"head": row["place"], "version": 1}
    return store.putting_new(table, new)


def keeping(table: str, row: Item) -> Write:
    """Keep the place of a delivery that waits."""
    place = {
        **_place_key(row["lane"], row["place"]),
        "place": row["place"],
        "delivery_id": row["id"],
        "expires_epoch": row["expires_epoch"],
        "version": 1,
    }
    return store.putting_new(table, place)


def waking(table: str, lane: Item, *, now: datetime) -> list[Write]:
    """Make the next delivery the head, and due; where there is none, the next to come will be."""
    waiting = _next(table, lane)
    if waiting is None:
        return [_changing(table, lane, {"head": lane["last"] + 1})]
    # It may have waited long: what is due lives until its last attempt, its event and lane as well.
    least = retries.outlived(now)
    if waiting["expires_epoch"] < least:
        event_rows.prolong(table, waiting, until=least)
    place = waiting["place"]
    return [
        _changing(table, lane, {"head": place, "expires_epoch": max(lane["expires_epoch"], least)}),
        _due(table, waiting, expires_epoch=max(waiting["expires_epoch"], least), now=now),
        store.deleting(table, _place_key(lane["id"], place), when="attribute_exists(#id)"),
    ]


def _due(table: str, waiting: Item, *, expires_epoch: int, now: datetime) -> Write:
    at = clock.rfc3339(now)
    return store.updating(
        table,
        deliveries.key(waiting["id"]),
        "SET #status = :pending, #due_at = :at, #first_due_at = :at, #expires_epoch = :expires",
        when="#status = :queued AND #place = :place",
        values={
            "pending": deliveries.PENDING,
            "at": at,
            "expires": expires_epoch,
            "queued": deliveries.QUEUED,
            "place": waiting["place"],
        },
    )


def _changing(table: str, lane: Item, values: Item) -> Write:
    return store.updating(
        table,
        key(lane["id"]),
        store.setting(values),
        when="#version = :seen",
        values=values | {"seen": lane["version"]},
    )


def _next(table: str, lane: Item) -> Item | None:
    """Find the next delivery that waits; one that has expired leaves a place without one."""
    after = lane["head"]
    where = "#id = :id AND #part > :part"
    while place := store.first(table, where, _place_key(lane["id"], after)):
        after = place["place"]
        found = store.get(table, deliveries.key(place["delivery_id"]))
        if found and (found["status"], found["place"]) == (deliveries.QUEUED, after):
            return found
    return None


def _place_key(lane: str, place: int) -> Item:
    return {"id": lane, "part": f"place#{place:012}"}
