"""Insert imported users, 25 a request, each on the condition that its address is new.

PartiQL's INSERT is the one batched write with a condition and an answer for each row
(BatchWriteItem has neither). Every user carries the job and row that made it, so that a chunk
that is tried again recognises its own.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.multiplestatements.batching.html
"""

from dataclasses import dataclass
from itertools import batched
from typing import Any

from batch_processing.rows import Row
from interchange import aws, store, trace, users
from interchange.new_user import NewUser
from interchange.records import Retry
from interchange.store import Item

_STATEMENTS = 25  # of BatchExecuteStatement


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
    items = [(row, _item(row.number, user, job=job, now=now)) for row, user in fresh.values()]
    for batch in batched(items, _STATEMENTS, strict=False):
        taken = _insert(table, [item for _, item in batch])
        verdicts = [_judge(table, *batch[index]) for index in taken]
        refused += [verdict for verdict in verdicts if verdict is not None]
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


def _insert(table: str, items: list[Item]) -> list[int]:
    """Insert what is new and return the places of what was there; Retry when any was not tried."""
    answer = aws.dynamodb().batch_execute_statement(
        Statements=[
            {"Statement": _statement(table, item), "Parameters": _values(item)} for item in items
        ]
    )
    taken = []
    for index, each in enumerate(answer["Responses"]):
        code = each.get("Error", {}).get("Code")
        if code == "DuplicateItem":
            taken.append(index)
        elif code is not None:
            raise Retry(f"a row was not written: {code}")
    return taken


def _statement(table: str, item: Item) -> str:
    members = ", ".join(f"'{name}': ?" for name in item)
    return f'INSERT INTO "{table}" VALUE {{{members}}}'


def _values(item: Item) -> list[Any]:
    return list(store.pack(item).values())


def _judge(table: str, row: Row, item: Item) -> Row | None:
    """Tell this very row's earlier insertion (None: success) from somebody else's user."""
    there = store.get(table, {"id": item["id"]}) or {}
    if there.get("import_job_id") != item["import_job_id"]:
        return row.refused(column="email", code="user_exists", detail="The address has a user.")
    return None if there["import_row"] == item["import_row"] else _duplicate(row)


def _duplicate(row: Row) -> Row:
    detail = "Another row of this file has the address."
    return row.refused(column="email", code="duplicate_in_file", detail=detail)
