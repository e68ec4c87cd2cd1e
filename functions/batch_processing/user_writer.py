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
    created = 0
    for batch in batched(fresh, _STATEMENTS, strict=False):
        items = [_item(row, job=job, now=now) for row in batch]
        taken = _insert(table, items)
        created += len(items) - len(taken)
        for index in taken:
            verdict = _judge(table, batch[index], items[index])
            created += verdict is None
            refused += [] if verdict is None else [verdict]
    return Outcome(created, sorted(refused, key=lambda row: row.number))


def _first_of_each_address(rows: list[Row]) -> tuple[list[Row], list[Row]]:
    first: dict[str, Row] = {}
    refused = []
    for row in rows:
        if row.user is None:
            refused.append(row)
        elif users.normalise(row.user.email) in first:
            refused.append(_duplicate(row))
        else:
            first[users.normalise(row.user.email)] = row
    return list(first.values()), refused


def _item(row: Row, *, job: Item, now: str) -> Item:
    assert row.user is not None
    user = users.row(
        email=row.user.email,
        name=row.user.name,
        origin="imported",
        now=now,
        trace=trace.of(job),
    )
    return user | {"import_job_id": job["job_id"], "import_row": row.number}


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
    """Tell this very row's earlier insertion, which is success (None), from somebody else's user."""
    there = store.get(table, {"id": item["id"]}) or {}
    if there.get("import_job_id") != item["import_job_id"]:
        return row.refused(column="email", code="user_exists", detail="The address has a user.")
    return None if there["import_row"] == item["import_row"] else _duplicate(row)


def _duplicate(row: Row) -> Row:
    detail = "Another row of this file has the address."
    return row.refused(column="email", code="duplicate_in_file", detail=detail)
