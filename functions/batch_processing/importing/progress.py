"""Show a job: its state, its counts, how fast it goes and how long it will take."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from batch_processing import jobs, pace
from batch_processing.formats.row_errors import RowError
from batch_processing.importing import chunks
from interchange import clock
from interchange.store import Item

SHOWN_ERRORS = 100

_PUBLIC = ("created_at", "planned_at", "resumed_at", "ended_at", "error", "version")
_ASKED = ("mode", "dry_run", "notify", "max_errors")


def of_new(job: Item) -> dict[str, Any]:
    """Show a job that has just been made."""
    return of(job, [], [], now=clock.parse(job["created_at"]))


def summary(job: Item, *, now: datetime) -> dict[str, Any]:
    """Show a job in a list; of its counts, those of its end."""
    return {
        "id": job["job_id"],
        "status": jobs.status(job, now=now),
        **{name: job["options"][name] for name in _ASKED},
        **{name: job[name] for name in _PUBLIC if name in job},
        "expires_at": clock.rfc3339(datetime.fromtimestamp(job["expires_epoch"], UTC)),
        "counts": job.get("counts") or jobs.counts(),
    }


def of(
    job: Item, parts: Iterable[Item], errors: Iterable[Item], *, now: datetime
) -> dict[str, Any]:
    """Show a job whole; its counts grow with each chunk, and are exact once it has ended."""
    found = list(parts)
    settled = [each for each in found if chunks.is_settled(each, job)]
    shown = summary(job, now=now)
    if "counts" not in job:
        shown["counts"] = _so_far(settled)
    return {
        **shown,
        "file": _file(job),
        "progress": _progress(job, found, settled, now=now),
        "errors": list(islice(_errors(errors), SHOWN_ERRORS)),
    }


def _so_far(settled: list[Item]) -> Item:
    total: Counter[str] = Counter()
    for chunk in settled:
        total.update({name: n for name, n in chunk.get("counts", {}).items() if name != "total"})
    return jobs.counts(**total)


def _file(job: Item) -> dict[str, Any]:
    """Say how the file is read, and that some of it was detected, once it has been."""
    plan, asked = job.get("plan") or {}, job["options"]
    dialect = plan.get("dialect") or {}
    return {
        "format": job["format"],
        "bytes": plan.get("size"),
        "compression": plan.get("compression"),
        "encoding": plan.get("encoding") or asked["encoding"],
        "delimiter": dialect.get("delimiter") if job["format"] == "csv" else None,
        "columns": dialect.get("columns"),
    }


def _progress(
    job: Item, found: list[Item], settled: list[Item], *, now: datetime
) -> dict[str, Any]:
    """Tell the rate since the round was begun, and the time that the rest takes at this rate."""
    of_round = [each for each in settled if each["round"] == job["round"]]
    spent = _seconds(job, now=now)
    bytes_done, bytes_left = _bytes(of_round), _bytes(found) - _bytes(settled)
    going = job["status"] == "running"
    return {
        "chunks": job.get("chunks"),
        "chunks_done": len(settled),
        "rows_done": _rows(settled),
        "rows_per_second": pace.rows_per_second(_rows(of_round), spent),
        "seconds_left": pace.seconds_left(spent, done=bytes_done, left=bytes_left)
        if going
        else None,
    }


def _seconds(job: Item, *, now: datetime) -> float:
    if "planned_at" not in job:
        return 0.0
    until = clock.parse(job["ended_at"]) if "ended_at" in job else now
    begun = job["resumed_at"] if "resumed_at" in job else job["planned_at"]
    return (until - clock.parse(begun)).total_seconds()


def _rows(settled: list[Item]) -> int:
    return sum(each["counts"]["total"] for each in settled if each["status"] == "done")


def _bytes(found: list[Item]) -> int:
    return sum(each["end"] - each["start"] for each in found)


def _errors(parts: Iterable[Item]) -> Iterator[RowError]:
    for part in parts:
        yield from part["errors"]
