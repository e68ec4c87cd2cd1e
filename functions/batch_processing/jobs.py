"""An import's rows, in one partition: the job, its chunks, their errors; totals are sums.

job:    awaiting_upload ─▶ planning ─▶ running ─▶ completed | completed_with_errors
                               └─────▶ failed        (the file as a whole cannot be imported)
chunk:  pending ─▶ done      one conditional write that carries the chunk's counts
"""

from datetime import datetime
from typing import Any

from batch_processing.planning import Chunk
from batch_processing.rows import RowError
from interchange import clock, store
from interchange.store import Item
from interchange.trace import Trace

ENDED = frozenset({"completed", "completed_with_errors", "failed"})

_SHOWN_ERRORS = 100
_PUBLIC = ("status", "created_at", "planned_at", "ended_at", "error", "version")


def key(job_id: str, part: str = "job") -> Item:
    """Give the key of a job's row, or of another part of it."""
    return {"job_id": job_id, "part": part}


def file(job_id: str) -> str:
    """Give the key of a job's file in its bucket."""
    return f"imports/{job_id}.csv"


def parts(table: str, job_id: str) -> list[Item]:
    """Read a job whole: its own row, its chunks, their errors; nothing where there is none."""
    return list(store.query(table, "#job_id = :job_id", {"job_id": job_id}))


def new_job(job_id: str, *, size: int, now: datetime, expires_epoch: int, trace: Trace) -> Item:
    """Make the row of a job whose file is about to be stored."""
    return {
        **key(job_id),
        "kind": "job",
        "status": "awaiting_upload",
        "bytes": size,
        "created_at": clock.rfc3339(now),
        "expires_epoch": expires_epoch,
        "version": 1,
        **trace._asdict(),
    }


def start_planning(table: str, job_id: str) -> Item | None:
    """Say that the file has arrived; None where that is over: S3's events come more than once.

    A planner that finds `planning` goes on: the one before may have died, and both plan the same.
    """
    try:
        return store.update(
            table,
            key(job_id),
            "SET #status = :planning",
            when="#status IN (:awaiting_upload, :planning)",
            values={"planning": "planning", "awaiting_upload": "awaiting_upload"},
        )
    except store.ConditionFailed:
        return None


def add_chunk(
    table: str, job: Item, index: int, chunk: Chunk, *, etag: str, header: list[str]
) -> None:
    """Write a chunk's row, which its stream turns into work; one that exists is as good."""
    row = {
        **key(job["job_id"], f"chunk#{index:06}"),
        "kind": "chunk",
        "status": "pending",
        "start": chunk.start,
        "end": chunk.end,
        "first_row": chunk.first_row,
        "first_line": chunk.first_line,
        "etag": etag,
        "header": header,
        "expires_epoch": job["expires_epoch"],
        "version": 1,
        "correlation_id": job["correlation_id"],
        "traceparent": job["traceparent"],
    }
    _put_once(table, row)


def start_running(table: str, job_id: str, *, chunks: int, now: datetime) -> None:
    """Say how many chunks there are, from when on the job can be complete."""
    change = "SET #status = :status, #chunks = :chunks, #planned_at = :now"
    _end_planning(table, job_id, change, status="running", chunks=chunks, now=clock.rfc3339(now))


def fail(table: str, job_id: str, *, code: str, detail: str, now: datetime) -> None:
    """End the job: its file cannot be imported."""
    change = "SET #status = :status, #error = :error, #ended_at = :now"
    error = {"code": code, "detail": detail}
    _end_planning(table, job_id, change, status="failed", error=error, now=clock.rfc3339(now))


def _end_planning(table: str, job_id: str, change: str, **values: Any) -> None:
    values["planning"] = "planning"
    try:
        store.update(table, key(job_id), change, when="#status = :planning", values=values)
    except store.ConditionFailed:  # another delivery of the same S3 event came first
        return


def finish_chunk(
    table: str, chunk: Item, *, created: int, failed: int, errors: list[RowError]
) -> bool:
    """Commit a chunk with its counts; False where another delivery has committed the same."""
    if errors:
        row = {**key(chunk["job_id"], f"errors#{chunk['part'][6:]}"), "kind": "errors"}
        row |= {"errors": errors, "expires_epoch": chunk["expires_epoch"], "version": 1}
        _put_once(table, row)
    try:
        store.update(
            table,
            key(chunk["job_id"], chunk["part"]),
            "SET #status = :done, #created = :created, #failed = :failed",
            when="#status = :pending",
            values={"done": "done", "pending": "pending", "created": created, "failed": failed},
        )
    except store.ConditionFailed:
        return False
    return True


def finish(table: str, job_id: str, *, now: datetime) -> str | None:
    """End the job if every chunk is done; return the state it went to, None where it stays."""
    found = parts(table, job_id)
    job = next((part for part in found if part["kind"] == "job"), None)
    if job is None or job["status"] != "running" or _done(found) < job["chunks"]:
        return None
    status = "completed_with_errors" if counts(found)["failed"] else "completed"
    try:
        store.update(
            table,
            key(job_id),
            "SET #status = :status, #ended_at = :now",
            when="#status = :running",
            values={"status": status, "running": "running", "now": clock.rfc3339(now)},
        )
    except store.ConditionFailed:
        return None
    return status


def representation(parts: list[Item]) -> dict[str, Any]:
    """Show a job with its progress, its counts so far and its first errors."""
    job = next(part for part in parts if part["kind"] == "job")
    errors = [each for part in parts if part["kind"] == "errors" for each in part["errors"]]
    errors.sort(key=lambda each: each["row"])
    return {
        "id": job["job_id"],
        **{name: job[name] for name in _PUBLIC if name in job},
        "counts": counts(parts),
        "progress": {"chunks": job.get("chunks"), "chunks_done": _done(parts)},
        "errors": errors[:_SHOWN_ERRORS],
    }


def counts(parts: list[Item]) -> dict[str, int]:
    """Sum what the chunks have committed: a chunk counts wholly or not at all."""
    done = [part for part in parts if part["kind"] == "chunk" and part["status"] == "done"]
    created = sum(part["created"] for part in done)
    failed = sum(part["failed"] for part in done)
    return {"total": created + failed, "created": created, "failed": failed}


def _done(parts: list[Item]) -> int:
    return sum(part["kind"] == "chunk" and part["status"] == "done" for part in parts)


def _put_once(table: str, row: Item) -> None:
    try:
        store.put_new(table, row, key="job_id")
    except store.ConditionFailed:
        return
