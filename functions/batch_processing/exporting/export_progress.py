"""Show an export: its state, its counts, how fast it goes and how long it will take."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from batch_processing import pace
from batch_processing.exporting import exports
from interchange import clock
from interchange.store import Item

_PUBLIC = ("created_at", "ended_at", "error", "version")


def summary(job: Item) -> dict[str, Any]:
    """Show a job in a list; of its counts, those of its end."""
    return {
        "id": job["job_id"],
        "status": job["status"],
        **job["options"],
        **{name: job[name] for name in _PUBLIC if name in job},
        "expires_at": clock.rfc3339(datetime.fromtimestamp(job["expires_epoch"], UTC)),
        "counts": job.get("counts") or exports.counts([]),
    }


def of(job: Item, segments: Iterable[Item], *, now: datetime) -> dict[str, Any]:
    """Show a job whole; its counts grow with each file, and are exact once it has ended."""
    found = list(segments)
    shown = summary(job) | {"counts": exports.counts(found)}
    return shown | {"progress": _progress(job, found, now=now)}


def _progress(job: Item, found: list[Item], *, now: datetime) -> dict[str, Any]:
    """Tell the rate, and the time left by the rows that DynamoDB counted some hours ago."""
    until = clock.parse(job["ended_at"]) if "ended_at" in job else now
    spent = (until - clock.parse(job["created_at"])).total_seconds()
    rows = sum(each["rows"] for each in found)
    left = job["expected"] - rows
    is_going = job["status"] == "running" and left > 0
    return {
        "segments": job["segments"],
        "segments_done": sum(each["status"] == "done" for each in found),
        "rows_done": rows,
        "rows_per_second": pace.rows_per_second(rows, spent),
        "seconds_left": pace.seconds_left(spent, done=rows, left=left) if is_going else None,
    }
