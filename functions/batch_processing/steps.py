"""A job's steps: the pieces of work that planning and finishing take, one after the other.

`step` numbers them and a message names one; `attempts` counts, and fences, those that have begun
it. How far a step has come is in the job's row: the next goes on from there.
"""

from collections.abc import Iterable
from datetime import datetime

from batch_processing import jobs, options
from interchange import clock
from interchange.store import Item

_HELD = "#step = :step AND #attempts = :attempts"
_NEXT = "#step = #step + :one, #attempts = :none"


def begin(
    table: str, job_id: str, step: int, *, during: Iterable[str], part: str = "job"
) -> Item | None:
    """Claim a step by counting the attempt; None where the job, or its part, is past it."""
    states = {each: each for each in during}
    return jobs.changed(
        table,
        job_id,
        "SET #attempts = #attempts + :one",
        when=f"#step = :step AND #status IN ({', '.join(f':{each}' for each in states)})",
        values=states | {"step": step, "one": 1},
        part=part,
    )


def hand_over(table: str, job: Item, *, kept: str, progress: Item) -> None:
    """Keep a step's progress under a name, and have the next step go on from there."""
    values = _held(job) | {"progress": progress, "one": 1, "none": 0}
    change = f"SET #{kept} = :progress, {_NEXT}"
    jobs.changed(table, job["job_id"], change, when=_HELD, values=values)


def end_planning(
    table: str, job: Item, plan: Item, *, chunks: int, rows: int, now: datetime
) -> None:
    """Say how many chunks there are: they are worked off, or, of a cancelled job, counted."""
    limit = options.error_limit(job["options"]["max_errors"], rows)
    values = {"plan": plan, "chunks": chunks, "rows": rows, "limit": limit}
    values |= {"now": clock.rfc3339(now), **_held(job)}
    change = "#plan = :plan, #chunks = :chunks, #rows = :rows, #error_limit = :limit"
    change = f"SET {change}, #planned_at = :now"
    for status, goes_to in (("planning", "running"), ("cancelling", "cancelling")):
        states = {"status": status, "goes_to": goes_to}
        if jobs.changed(
            table,
            job["job_id"],
            f"{change}, #status = :goes_to",
            when=f"{_HELD} AND #status = :status",
            values=values | states,
        ):
            return


def fail(table: str, job: Item, *, code: str, detail: str, now: datetime) -> None:
    """End the job: its file cannot be imported."""
    change = "SET #status = :failed, #error = :error, #counts = :counts, #ended_at = :now"
    error = {"code": code, "detail": detail}
    values = {"failed": "failed", "error": error, "counts": jobs.counts()}
    values |= {"now": clock.rfc3339(now), **_held(job)}
    jobs.changed(table, job["job_id"], change, when=_HELD, values=values)


def end(table: str, job: Item, *, totals: Item, error: Item | None, now: datetime) -> str:
    """End a job, with an error where its results are not all; return the state it goes to."""
    job = job if error is None else job | {"error": error}
    goes_to = _end_of(job, totals)
    error = job.get("error")
    if goes_to == "failed" and error is None:
        detail = f"{totals['unprocessed']} rows could not be worked off; they can be tried again."
        error = {"code": "rows_unprocessed", "detail": detail}
    values = {"end": goes_to, "counts": totals, "now": clock.rfc3339(now), **_held(job)}
    change = "#status = :end, #counts = :counts, #ended_at = :now"
    if error is not None:
        change, values = f"{change}, #error = :error", values | {"error": error}
    change = f"SET {change} REMOVE #finish"
    jobs.changed(table, job["job_id"], change, when=_HELD, values=values)
    return goes_to


def _end_of(job: Item, totals: Item) -> str:
    if job.get("cancelled"):
        return "cancelled"
    if "error" in job or totals["unprocessed"]:
        return "failed"
    return "completed_with_errors" if totals["failed"] else "completed"


def _held(job: Item) -> Item:
    return {"step": job["step"], "attempts": job["attempts"]}
