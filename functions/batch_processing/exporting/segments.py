"""The segments of an export, each a share of the table's keys: running ─▶ done.

A segment's row says how far it is read (`after`), and how many rows and files came of that: all of
it is committed by one write with the file's own row, so that no row is in two files or in none.
Whoever reads it has counted an attempt, which fences those before (steps.py).
"""

from typing import Literal, NamedTuple

from batch_processing import jobs
from interchange import store
from interchange.store import Item

type Then = Literal["on", "next_step", "done"]


class Read(NamedTuple):
    """What was read in one go: where it ended, and the file with what is wanted of it."""

    after: Item | None
    rows: int
    exported: int
    object: str | None
    bytes: int


def part(number: int) -> str:
    """Name a segment's row; segments are counted from 0, as scans do."""
    return f"segment#{number:04}"


def of(job: Item) -> list[Item]:
    """Make the rows of a job's segments; their first steps are due."""
    return [_row(job, number) for number in range(job["segments"])]


def _row(job: Item, number: int) -> Item:
    return {
        **jobs.key(job["job_id"], part(number)),
        "kind": "segment",
        "status": "running",
        "number": number,
        "after": None,
        "rows": 0,
        "exported": 0,
        "files": 0,
        "step": 1,
        "attempts": 0,
        **_shared(job),
    }


def _shared(row: Item) -> Item:
    names = ("expires_epoch", "correlation_id", "traceparent")
    return {"version": 1, **{name: row[name] for name in names}}


def object_name(segment: Item) -> str:
    """Name the next file, for this very attempt: another's cannot be in its place."""
    held = f"{segment['step']}-{segment['attempts']}"
    return f"{segment['number']:04}-{segment['files'] + 1:06}-{held}"


def commit(table: str, segment: Item, read: Read, *, then: Then) -> Item | None:
    """Commit what was read, and what is to come then; None where another has the segment by now."""
    files = segment["files"] + (read.object is not None)
    found: Item = {"after": read.after, "files": files}
    found |= {name: segment[name] + getattr(read, name) for name in ("rows", "exported")}
    change, values = _change(found, then)
    values |= {"held_step": segment["step"], "held_attempts": segment["attempts"]}
    key = jobs.key(segment["job_id"], segment["part"])
    writes = [
        store.updating(table, key, change, when=_HELD, values=values | {"running": "running"})
    ]
    if read.object is not None:
        writes.append(store.putting_new(table, _file(segment, files, read), key="job_id"))
    try:
        store.transact(writes)
    except store.TransactionRefused as refusal:
        if not refusal.writes[0].failed:
            raise
        return None
    return segment | found


_HELD = "#status = :running AND #step = :held_step AND #attempts = :held_attempts"


def _change(found: Item, then: Then) -> tuple[str, Item]:
    change, values = store.setting(found), dict(found)
    if then == "done":
        return f"{change}, #status = :done", values | {"done": "done"}
    if then == "next_step":
        values |= {"one": 1, "none": 0}
        return f"{change}, #step = #step + :one, #attempts = :none", values
    return change, values


def _file(segment: Item, index: int, read: Read) -> Item:
    return {
        **jobs.key(segment["job_id"], f"file#{segment['number']:04}-{index:06}"),
        "kind": "file",
        "object": read.object,
        "bytes": read.bytes,
        **_shared(segment),
    }
