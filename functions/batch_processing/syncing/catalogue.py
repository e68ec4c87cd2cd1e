"""Write a feed's rows into the catalogue: never older over newer, each batch exactly once.

A batch is one transaction with the run's row, which counts it and says how far the run is: whoever
dies, and wherever, the next goes on behind the last batch that counts.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from batch_processing.syncing import runs
from batch_processing.syncing.feed_rows import FeedRow
from interchange import clock, store
from interchange.records import Retry
from interchange.store import Item

BATCH = 90  # of the hundred writes of a transaction: with the run's row, and errors
KEPT_ERRORS = 1000

_TRIES = 5
_SEEN = "#version = :version AND #created_at = :created_at"


@dataclass(frozen=True)
class Place:
    """Whose rows these are, and where they go."""

    syncs_table: str
    products_table: str
    job: Item


class Work:
    """One batch: what is to be done with its rows, given what is there."""

    def __init__(self, place: Place, now: datetime) -> None:
        self.place, self.now = place, clock.rfc3339(now)
        self.writes: list[store.Write] = []
        self.counts: Counter[str] = Counter()

    def upsert(self, row: FeedRow, there: Item | None) -> None:
        """Do what a row says, unless what is there, or gone, is newer."""
        if row.is_outdated or (there is not None and there.get("feed_updated_at", "") > row.at):
            self.counts["unchanged"] += 1
        elif row.fields is None:
            self.delete(there if there and "feed_updated_at" in there else None)
        elif there is None:
            self._put(_new(row, self.now), "attribute_not_exists(#id)", {}, "created")
        else:
            self._replace(row, row.fields, there)

    def delete(self, there: Item | None) -> None:
        """Delete a product of the feed's; where there is none, that is as good."""
        self.counts["deleted" if there else "unchanged"] += 1
        if there:
            key, seen = {"id": there["id"]}, _version(there)
            table = self.place.products_table
            self.writes.append(store.deleting(table, key, when=_SEEN, values=seen))

    def _replace(self, row: FeedRow, fields: Item, there: Item) -> None:
        same = all(there.get(name) == value for name, value in fields.items())
        if same and there.get("feed_updated_at") == row.at:
            self.counts["unchanged"] += 1
            return
        # What is the same keeps its version, and so its ETag; only when it was said is new.
        found = {**there, "feed_updated_at": row.at}
        if not same:
            found |= {**fields, "updated_at": self.now, "version": there["version"] + 1}
        self._put(found, _SEEN, _version(there), "unchanged" if same else "updated")

    def _put(self, item: Item, when: str, values: Item, counted: str) -> None:
        table = self.place.products_table
        self.writes.append(store.putting(table, item, when=when, values=values))
        self.counts[counted] += 1


def _new(row: FeedRow, now: str) -> Item:
    times = {"created_at": now, "updated_at": now, "feed_updated_at": row.at}
    return {"id": row.id, **(row.fields or {}), "stock": 0, **times, "version": 1}


def _version(there: Item) -> Item:
    return {"version": there["version"], "created_at": there["created_at"]}


def batches(rows: Iterator[FeedRow]) -> Iterator[list[FeedRow]]:
    """Cut rows so that each is one transaction: no product twice, and it can go on behind each."""
    batch: list[FeedRow] = []
    ids: set[str | None] = set()
    for row in rows:
        is_full = len(ids) >= BATCH and batch[-1].is_placed
        if is_full or row.id in ids:
            yield batch
            batch, ids = [], set()
        batch.append(row)
        if not row.errors:
            ids.add(row.id)
    if batch:
        yield batch


def write(place: Place, rows: list[FeedRow], *, now: datetime, **position: Any) -> None:
    """Carry a batch out and say how far the run is; Lost where the run is another's by now."""
    failed = [row for row in rows if row.errors]
    sound = [row for row in rows if not row.errors]

    def work() -> Work:
        found = store.get_many(place.products_table, [str(row.id) for row in sound])
        todo = Work(place, now)
        for row in sound:
            todo.upsert(row, found.get(str(row.id)))
        todo.counts["failed"] = len(failed)
        return todo

    errors = [error for row in failed for error in row.errors]
    carry_out(place, work, now=now, errors=errors, **position)


def carry_out(
    place: Place,
    work: Callable[[], Work],
    *,
    now: datetime,
    errors: list[Item] | None = None,
    **position: Any,
) -> None:
    """Look, and write what that asks for; again where a product changed in between."""
    for _ in range(_TRIES):
        todo = work()
        moving = runs.moving(place.syncs_table, place.job, todo.counts, now, **position)
        noted = _errors_write(place, errors) if errors else []
        try:
            store.transact([moving, *todo.writes, *noted])
        except store.TransactionRefused as refusal:
            if refusal.writes[0].failed:
                raise runs.Lost(place.job["job_id"]) from None
        else:
            place.job["counts"] = _sum(place.job["counts"], todo.counts)
            return
    raise Retry("products change faster than they can be written")


def _sum(counts: Item, more: Counter[str]) -> Item:
    return {name: counts[name] + more[name] for name in counts}


def _errors_write(place: Place, errors: list[Item]) -> list[store.Write]:
    """Keep a batch's errors, as long as they are few enough to be of use."""
    job = place.job
    if job["counts"]["failed"] >= KEPT_ERRORS:
        return []
    row = runs.key(job["job_id"], f"errors#{errors[0]['row']:09}")
    row |= {"kind": "errors", "errors": errors[:KEPT_ERRORS], "version": 1}
    row |= {"expires_epoch": job["expires_epoch"]}
    anew = "attribute_not_exists(#part) OR #kind = :kind"
    return [store.putting(place.syncs_table, row, when=anew, values={"kind": "errors"})]
