"""What a report counts, and where: rows of a day, through an index of their table by time.

A row counts on the day on which it came to be, as it stands when it is read. A task counts on the
day on which it ended, by its outcome: what has ended stays where it is in the index, so that none
is read in two states, or in none, while tasks go on.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from batch_processing.reports.days import Day
from interchange import clock, ids, store, tasks, topics
from interchange.store import Item, Page

PAYMENTS = "payment-events"
PAID = "stripe.payment_intent.succeeded"

_EVER = "0"  # before all times
_ENDED = "#ended_at BETWEEN :began AND :ended"
_PARTITIONS = 100  # endpoints or topics that are looked up at once
_USERS = {"user.registered": "registered", "user.imported": "imported", "user.deleted": "deleted"}
_CURRENCY = re.compile(r"[a-z]{3}")
_LARGEST_AMOUNT = 10**15

type Counts = Iterator[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Places:
    """Tables with their indexes by time."""

    tasks: tuple[str, str]
    deliveries: tuple[str, str]
    imports: tuple[str, str]
    events: tuple[str, str]
    endpoints_table: str
    topics_table: str


@dataclass(frozen=True, slots=True)
class Source:
    """An index, the names of its keys, the bounds of the day in it, and what a row counts for."""

    at: tuple[str, str]
    keys: tuple[str, str]
    bounds: tuple[str, str]
    partitions: Callable[[Item | None], Page]
    count: Callable[[Item], Counts]
    ended: tuple[str, str] | None = None  # of rows that are not sorted by what counts, their end

    def page(self, partition: str, *, size: int, after: Item | None) -> Page:
        """Read a page of a partition's rows of the day."""
        table, index = self.at
        where = f"#{self.keys[0]} = :partition AND #{self.keys[1]} BETWEEN :first AND :last"
        values = {"partition": partition, "first": self.bounds[0], "last": self.bounds[1]}
        if self.ended is None:
            return store.index_page(table, index, where, values, size=size, after=after)
        values |= {"began": self.ended[0], "ended": self.ended[1]}
        return store.index_page(table, index, where, values, size=size, after=after, only=_ENDED)


def of(day: Day, places: Places) -> list[Source]:
    """Give a day's sources; where a time is followed by an id, no row sorts at the end itself."""
    start, end = clock.rfc3339(day.start), clock.rfc3339(day.end)
    last = clock.rfc3339(day.end - timedelta(milliseconds=1))
    jobs = ids.first("job", day.start), ids.first("job", day.end)
    return [
        Source(
            places.tasks,
            ("listing", "listed_at"),
            (_EVER, end),
            _outcomes,
            _task,
            ended=(start, last),
        ),
        Source(
            places.deliveries,
            ("endpoint_id", "created_at"),
            (start, last),
            lambda after: _ids(places.endpoints_table, after),
            _delivery,
        ),
        Source(places.imports, ("list_of", "job_id"), jobs, _entities, _import),
        Source(
            places.events,
            ("topic", "position"),
            (start, end),
            lambda after: _topics(places.topics_table, after),
            lambda row: _event(row, day),
        ),
    ]


def _outcomes(_: Item | None) -> Page:
    return Page([{"id": each} for each in tasks.partitions(tasks.OUTCOMES)], None)


def _entities(_: Item | None) -> Page:
    return Page([{"id": "users"}], None)


def _ids(table: str, after: Item | None) -> Page:
    return store.scan_page(table, size=_PARTITIONS, after=after)


def _topics(table: str, after: Item | None) -> Page:
    """Give topics, those that are built in first: they need no row."""
    page = _ids(table, after)
    built_in = [{"id": each} for each in topics.BUILT_IN] if after is None else []
    added = [each for each in page.items if each["id"] not in topics.BUILT_IN]
    return Page([*built_in, *added], page.last_key)


def _task(row: Item) -> Counts:
    yield f"task:{row['type']}:{row['status']}", 1


def _delivery(row: Item) -> Counts:
    yield f"delivery:{row['status']}", 1
    yield "attempts:", row["attempts"]


def _import(row: Item) -> Counts:
    """Count an import with its rows, once it has ended; one that only checked is none."""
    if row["options"]["dry_run"]:
        return
    yield f"import:{row['status']}", 1
    for outcome, rows in row.get("counts", {}).items():
        yield f"row:{outcome}", rows


def _event(row: Item, day: Day) -> Counts:
    hour = day.hour_of(clock.parse(row["recorded_at"]))
    yield f"topic:{row['topic']}", 1
    yield f"hour:{hour}", 1
    if row["topic"] == PAYMENTS:
        yield from _payment(row)
    elif row["topic"] == "user-events" and row["type"] in _USERS:
        yield f"user:{_USERS[row['type']]}", 1


def _payment(row: Item) -> Counts:
    yield f"payment:{row['type']}", 1
    if row["type"] != PAID:
        return
    currency, amount = _money(row)
    yield f"currency:{currency}", 1
    yield f"amount:{currency}", amount


def _money(row: Item) -> tuple[str, int]:
    """Read what was paid, in minor units; what is no money, whoever published it, is nothing."""
    try:
        paid = json.loads(row["event"])["data"]["data"]["object"]
        amount = paid.get("amount_received", paid.get("amount"))
        currency = str(paid.get("currency")).lower()
    except (AttributeError, KeyError, TypeError, ValueError):
        return "unknown", 0
    is_money = type(amount) is int and 0 <= amount <= _LARGEST_AMOUNT
    if not is_money or not _CURRENCY.fullmatch(currency):
        return "unknown", 0
    return currency, amount
