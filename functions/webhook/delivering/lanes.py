"""Lanes: the deliveries of one key to one endpoint that wants order, one after another.

A lane is a partition: a row that says whose place is the head and which place was given last, and a
row for each place behind the head. Who enters an empty lane is due, anybody else is queued; who
ends at the head wakes the next in the very transaction that ends it. So a death leaves no lane
without a head, and no delivery begins before the one before it has ended.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from interchange import claims, ids, store
from interchange.claims import Claim
from interchange.envelope import Event
from interchange.records import Retry
from interchange.store import Item, Write
from webhook.delivering import deliveries, lane_rows

_A_TRANSACTION = 20  # lanes: the more, the likelier is one that others are at
_TRIES = 10


def lane_of(event: Event, endpoint: Item) -> Item:
    """Say which lane an event's delivery belongs to, if any, where it has no place yet."""
    if event.key is None or not endpoint.get("ordered"):
        return {}
    return {"lane": ids.derived("lane", endpoint["id"], event.topic, event.key), "place": 0}


def is_laned(delivery: Item) -> bool:
    """Tell whether a delivery waits for the one before it; it does so for life."""
    return "lane" in delivery


def add(table: str, rows: Sequence[Item]) -> int:
    """Write deliveries that are not there yet at the end of their lanes; return how many."""
    refused: list[Item] = []
    for start in range(0, len(rows), _A_TRANSACTION):
        portion = rows[start : start + _A_TRANSACTION]
        refused += enter(table, portion, lambda row: store.putting_new(table, row))
    return len(rows) - len(refused)


def enter(table: str, rows: Sequence[Item], write: Callable[[Item], Write]) -> list[Item]:
    """Give deliveries the next places of their lanes; `write` puts each with its place and state.

    Returns what was met by those whose write was refused; they enter nothing.
    """
    met: list[Item] = []
    for _ in range(_TRIES):
        if not rows:
            return met
        try:
            store.transact(_entering(table, rows, write))
        except store.TransactionRefused as refused:
            outcomes = refused.writes[: len(rows)]
            met += [each.item for each in outcomes if each.failed]
            rows = [row for row, each in zip(rows, outcomes, strict=True) if not each.failed]
        else:
            return met
    raise Retry("others are at the lanes")


def leave(held: Claim, status: str, *, now: datetime, **values: Any) -> None:
    """End a delivery; where it is the head of its lane, wake the next, both or neither."""
    ending = claims.ending(held, status, **values)
    if not is_laned(held.row) or not _move_on(held, [ending], now=now):
        claims.end(held, status, **values)


def pass_on(held: Claim, *, now: datetime) -> None:
    """Wake the next before a delivery is erased."""
    if is_laned(held.row):
        _move_on(held, [], now=now)


def _move_on(held: Claim, ending: list[Write], *, now: datetime) -> bool:
    """Wake who is next, where the delivery is the head; False where it is not: it left before."""
    for _ in range(_TRIES):
        lane = store.get(held.table, lane_rows.key(held.row["lane"]))
        if lane is None or lane["head"] != held.row["place"]:
            return False
        try:
            store.transact([*ending, *lane_rows.waking(held.table, lane, now=now)])
        except store.TransactionRefused as refused:
            if ending and refused.writes[0].failed:
                raise claims.Lost(str(held.key)) from None
        else:
            return True
    raise Retry("others are at the lane")


def _entering(table: str, rows: Sequence[Item], write: Callable[[Item], Write]) -> list[Write]:
    """Write the deliveries first, then their lanes, then the places of those that wait."""
    keys = [lane_rows.key(row["lane"]) for row in rows]
    found = {each["id"]: each for each in store.get_all(table, keys)}
    placed = [lane_rows.placed(row, found.get(row["lane"])) for row in rows]
    waiting = [row for row in placed if row["status"] == deliveries.QUEUED]
    return [
        *map(write, placed),
        *(lane_rows.lengthening(table, row, found.get(row["lane"])) for row in placed),
        *(lane_rows.keeping(table, row) for row in waiting),
    ]
