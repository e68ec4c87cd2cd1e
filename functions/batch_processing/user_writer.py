"""Insert imported users, 100 a request, each on the condition that its address is new.

A transaction is the one batched write that has a condition for each row, says which failed and
shows what was there (BatchWriteItem has no conditions, PartiQL's batch shows nothing). Every user
carries the job and row that made it, so that a chunk that is tried again recognises its own.
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
"""

from dataclasses import dataclass
from itertools import batched

from batch_processing.rows import Row
from interchange import store, trace, users
from interchange.new_user import NewUser
from interchange.records import Retry
from interchange.store import Item

_ROWS = 100  # of TransactWriteItems


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a chunk's rows ended: so many users made, these rows refused, each with its reason."""

    created: int
    refused: list[Row]


def write(table: str, rows: list[Row], *, job: Item, now: str) -> Outcome:
    """Insert each row's user; refuse a row whose address is taken, here or in the table.

    Safe to repeat whole after a death at any point: the same rows give the same outcome.
    """
    fresh, refused = _first_of_each_address(rows)
    items = [_item(row.number, user, job=job, now=now) for row, user in fresh.values()]
    for batch in batched(items, _ROWS, strict=False):
        for item, there in _insert(table, list(batch)):
            row, _ = fresh[item["email"]]
            refused += _verdict(row, item, there)
    refused.sort(key=lambda row: row.number)
    return Outcome(len(rows) - len(refused), refused)


def _first_of_each_address(
    rows: list[Row],
) -> tuple[dict[str, tuple[Row, NewUser]], list[Row]]:
    first: dict[str, tuple[Row, NewUser]] = {}
    refused = []
    for row in rows:
        if row.user is None:
            refused.append(row)
        elif users.normalise(row.user.email) in first:
            refused.append(_duplicate(row))
        else:
            first[users.normalise(row.user.email)] = row, row.user
    return first, refused


def _item(number: int, user: NewUser, *, job: Item, now: str) -> Item:
    made_by = {"import_job_id": job["job_id"], "import_row": number}
    row = users.row(
        email=user.email, name=user.name, origin="imported", now=now, trace=trace.of(job)
    )
    return row | made_by


def _insert(table: str, items: list[Item]) -> list[tuple[Item, Item]]:
    """Insert what is new; pair each item whose address was taken with the user who has it."""
    taken: list[tuple[Item, Item]] = []
    while items:
        try:
            store.transact([store.putting_new(table, item) for item in items])
        except store.TransactionRefused as refusal:
            if not any(write.failed for write in refusal.writes):
                raise Retry("other writers were at the same addresses") from refusal
            pairs = list(zip(items, refusal.writes, strict=True))
            taken += [(item, write.item) for item, write in pairs if write.failed]
            items = [item for item, write in pairs if not write.failed]
        else:
            break
    return taken


def _verdict(row: Row, item: Item, there: Item) -> list[Row]:
    """Tell this very row's earlier insertion, which is success, from another row's or user's."""
    if there.get("import_job_id") != item["import_job_id"]:
        return [row.refused(column="email", code="user_exists", detail="The address has a user.")]
    return [] if there["import_row"] == item["import_row"] else [_duplicate(row)]


def _duplicate(row: Row) -> Row:
    detail = "Another row of this file has the address."
    return row.refused(column="email", code="duplicate_in_file", detail=detail)
