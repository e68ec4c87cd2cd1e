"""The chunks of a job: pending ─▶ running ─▶ done, or skipped where the job has stopped.

A chunk that is done was committed by one write, with its counts; the job's totals are their sum.
Whoever works on it has counted an attempt, which fences those before.
"""

from collections.abc import Iterable
from itertools import batched
from typing import Any

from batch_processing import jobs
from batch_processing.formats.planning import Chunk
from batch_processing.formats.row_errors import RowError
from interchange import store
from interchange.store import Item

KEPT_ERRORS = 100  # of a chunk, to be shown at once; the result files have all

_ROWS = 100  # of TransactWriteItems


def part(index: int) -> str:
    """Name a chunk's row."""
    return f"chunk#{index:06}"


def index_of(chunk: Item) -> int:
    """Say which chunk of the file it is, from 1."""
    return int(str(chunk["part"]).removeprefix("chunk#"))


def add(table: str, job: Item, first: int, chunks: Iterable[Chunk]) -> None:
    """Write rows for chunks, numbered from `first`; those that exist are as good."""
    found = [_row(job, index, chunk) for index, chunk in enumerate(chunks, start=first)]
    for batch in batched(found, _ROWS, strict=False):
        rows = list(batch)
        while rows:
            try:
                store.transact([store.putting_new(table, row, key="job_id") for row in rows])
                break
            except store.TransactionRefused as refusal:
                pairs = zip(rows, refusal.writes, strict=True)
                left = [row for row, write in pairs if not write.failed]
                if len(left) == len(rows):  # other writers were at them, not before them
                    raise
                rows = left


def _row(job: Item, index: int, chunk: Chunk) -> Item:
    return {
        **jobs.key(job["job_id"], part(index)),
        "kind": "chunk",
        "status": "pending",
        "start": chunk.start,
        "end": chunk.end,
        "first_row": chunk.first_row,
        "first_line": chunk.first_line,
        "rows": chunk.rows,
        "attempts": 0,
        "round": 0,
        "expires_epoch": job["expires_epoch"],
        "version": 1,
        "correlation_id": job["correlation_id"],
        "traceparent": job["traceparent"],
    }


def is_settled(chunk: Item, job: Item) -> bool:
    """Tell whether a chunk has come to an end in the job's current round."""
    left: bool = chunk["status"] == "skipped" and chunk["round"] == job["round"]
    return left or chunk["status"] == "done"


def begin(table: str, chunk: Item, job: Item) -> Item | None:
    """Claim a chunk by counting the attempt; None where another has, or it is settled."""
    values = {"running": "running", "round": job["round"], "one": 1}
    return _changed(
        table,
        chunk,
        "SET #status = :running, #round = :round, #attempts = #attempts + :one",
        values,
    )


def skip(table: str, chunk: Item, job: Item, *, why: str) -> bool:
    """Leave a chunk's rows unprocessed in this round."""
    values = {"skipped": "skipped", "round": job["round"], "none": 0, "why": why}
    change = "SET #status = :skipped, #round = :round, #attempts = :none, #why = :why"
    return _changed(table, chunk, change, values) is not None


def _changed(table: str, chunk: Item, change: str, values: Item) -> Item | None:
    held = {"held_status": chunk["status"], "held_attempts": chunk["attempts"]}
    held["held_round"] = chunk["round"]
    try:
        return store.update(table, _key(chunk), change, when=_HELD, values=values | held)
    except store.ConditionFailed:
        return None


_HELD = "#status = :held_status AND #attempts = :held_attempts AND #round = :held_round"


def commit(table: str, chunk: Item, *, counted: Item, errors: list[RowError], **about: Any) -> bool:
    """Commit a chunk that is worked off; False where another has it by now."""
    values = {"done": "done", "counts": counted, **about}
    values |= {"held_status": "running", "held_attempts": chunk["attempts"]}
    values |= {"held_round": chunk["round"]}
    change = f"{store.setting(('counts', *about))}, #status = :done"
    writes = [store.updating(table, _key(chunk), change, when=_HELD, values=values)]
    if errors:
        writes.append(errors_write(table, chunk, errors))
    try:
        store.transact(writes)
    except store.TransactionRefused as refusal:
        if not refusal.writes[0].failed:
            raise
        return False
    return True


def errors_write(table: str, chunk: Item, errors: list[RowError]) -> store.Write:
    """Write a chunk's first errors beside it, anew or over those that were there."""
    row = jobs.key(chunk["job_id"], _errors_part(chunk)) | {"kind": "errors"}
    row |= {"errors": errors[:KEPT_ERRORS], "expires_epoch": chunk["expires_epoch"], "version": 1}
    anew = "attribute_not_exists(#part) OR #kind = :kind"
    return store.putting(table, row, when=anew, values={"kind": "errors"})


def errors_of(table: str, chunk: Item) -> list[RowError]:
    """Read a chunk's first errors."""
    values = {"job_id": chunk["job_id"], "part": _errors_part(chunk)}
    found = store.query(table, "#job_id = :job_id AND #part = :part", values)
    return [error for row in found for error in row["errors"]]


def _errors_part(chunk: Item) -> str:
    return f"errors#{index_of(chunk):06}"


def _key(chunk: Item) -> Item:
    return jobs.key(chunk["job_id"], chunk["part"])
