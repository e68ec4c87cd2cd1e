"""Read the event log: a topic's rows in the order of their `position`, through an index.

Rows past their retention are not there for readers, whenever DynamoDB deletes them.
"""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from interchange import store
from interchange.store import Item
from interchange.windows import Window

_AT_ONCE = 1000  # rows of a query that filters; it reads at most 1 MB, whatever this says
_QUERIES = 10  # what a caller waits for where rows are many and few are wanted


class Index(NamedTuple):
    """Where a topic's rows are in order."""

    table: str
    name: str


class Wanted(NamedTuple):
    """Which events: of a topic, in a window, of one type or of all."""

    topic: str
    window: Window
    type: str | None = None


class Rows(NamedTuple):
    """Wanted rows, how many were looked at, and the key to go on from; None at the end."""

    found: list[Item]
    scanned: int
    last_key: Item | None


class Most(NamedTuple):
    """What one reading takes: so many rows, or the first with which they weigh so much."""

    rows: int
    weight: int
    weigh: Callable[[Item], int]


def read(
    index: Index,
    wanted: Wanted,
    *,
    most: Most,
    after: Item | None,
    now: datetime,
    order: store.Order = "asc",
) -> Rows:
    """Read wanted rows; fewer than asked for, with a key to go on, where they are far apart."""
    found: list[Item] = []
    scanned = weight = 0
    for _ in range(_QUERIES):
        limit = most.rows - len(found) if wanted.type is None else _AT_ONCE
        page = _page(index, wanted, limit=limit, after=after, order=order)
        for each in page.items:
            scanned += 1
            if _is_wanted(each, wanted, now=now):
                found.append(each)
                weight += most.weigh(each)
                if len(found) == most.rows or weight >= most.weight:
                    last = page.last_key if each is page.items[-1] else _key(each)
                    return Rows(found, scanned, last)
        after = page.last_key
        if after is None:
            break
    return Rows(found, scanned, after)


def _page(
    index: Index, wanted: Wanted, *, limit: int, after: Item | None, order: store.Order
) -> store.Page:
    return store.index_page(
        index.table,
        index.name,
        "#topic = :topic AND #position BETWEEN :start AND :end",
        {"topic": wanted.topic, "start": wanted.window.start, "end": wanted.window.end},
        size=limit,
        after=after,
        order=order,
    )


def _is_wanted(row: Item, wanted: Wanted, *, now: datetime) -> bool:
    return wanted.type in (None, row["type"]) and not store.has_expired(row, now=now)


def _key(row: Item) -> Item:
    return {name: row[name] for name in ("id", "topic", "position")}
