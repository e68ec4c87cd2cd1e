"""Show a run: its state, its counts, how fast it goes, and what is wrong with which row."""

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import chain, islice
from typing import Any

from batch_processing.syncing import runs
from interchange import clock
from interchange.store import Item

SHOWN_ERRORS = 100

_PUBLIC = ("status", "mode", "trigger", "created_at", "ended_at", "error", "version")


def summary(job: Item) -> dict[str, Any]:
    """Show a run in a list; its counts grow with each batch, and are exact at any time."""
    return {
        "id": job["job_id"],
        **{name: job[name] for name in _PUBLIC if name in job},
        **job["options"],
        "not_modified": job.get("not_modified", False),
        "expires_at": clock.rfc3339(datetime.fromtimestamp(job["expires_epoch"], UTC)),
        "counts": {"total": sum(job["counts"].values()), **job["counts"]},
    }


def whole(job: Item, errors: Iterable[Item], *, now: datetime) -> dict[str, Any]:
    """Show a run with its progress and its first errors."""
    found = chain.from_iterable(part["errors"] for part in errors)
    shown = {"progress": _progress(job, now), "errors": list(islice(found, SHOWN_ERRORS))}
    return summary(job) | shown


def _progress(job: Item, now: datetime) -> dict[str, Any]:
    """Tell the rate, and the time that the rest takes at this rate, where the rest is known."""
    done, rows = job["next_row"] - 1, job.get("snapshot", {}).get("rows")
    until = clock.parse(job["ended_at"]) if "ended_at" in job else now
    spent = (until - clock.parse(job["created_at"])).total_seconds()
    going = job["status"] not in runs.ENDED and rows is not None and done > 0
    return {
        "rows": rows,
        "rows_done": done,
        "rows_per_second": round(done / spent, 1) if spent > 0 else None,
        "seconds_left": round(spent * (rows - done) / done, 1) if going else None,
    }
