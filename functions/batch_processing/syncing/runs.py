"""A run's row, the job: each change of it is one conditional write.

planning ─▶ running ─▶ finishing ─▶ completed | completed_with_errors
    └──────────┴──────────┴───────▶ failed | cancelled

`step` numbers its pieces of work, `attempts` counts, and fences, those that have begun one. Its
row is part of every transaction that writes products: who lost the step writes none.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from batch_processing.syncing.feeds import Feed
from interchange import clock, http, store
from interchange.errors import NotFound
from interchange.store import Item
from interchange.trace import Trace

LIST = "products"
COUNTED = ("created", "updated", "unchanged", "deleted", "failed")
ENDED = frozenset({"completed", "completed_with_errors", "failed", "cancelled"})

ALIVE = {each: each for each in ("planning", "running", "finishing")}
IS_ALIVE = "#status IN (:planning, :running, :finishing)"
HELD = "#step = :step AND #attempts = :attempts AND #status = :held_status"


class Lost(Exception):
    """The step is another's by now, or the run was cancelled: nothing is written any more."""


def key(job_id: str, part: str = "job") -> Item:
    """Give the key of a run's row, or of another part of it."""
    return {"job_id": job_id, "part": part}


def get(table: str, job_id: str) -> Item | None:
    """Read a run's row."""
    return store.get(table, key(job_id))


def found(table: str, event: http.Event) -> Item:
    """Read the run that a request's path names; NotFound where there is none."""
    job = get(table, http.path_id(event, "job_id"))
    if job is None or "list_of" not in job:
        raise NotFound("No synchronisation has this id.", code="sync_not_found")
    return job


def new(
    job_id: str, feed: Feed, *, trigger: str, asked: Item, now: datetime, days: int, trace: Trace
) -> Item:
    """Make the row of a run that is due now; `asked` is what its caller allows it."""
    return {
        **key(job_id),
        "kind": "job",
        "list_of": LIST,
        "status": "planning" if feed.mode == "full" else "running",
        "phase": "snapshot" if feed.mode == "full" else "pages",
        "mode": feed.mode,
        "trigger": trigger,
        "options": asked,
        "feed": feed.digest,
        "step": 1,
        "attempts": 0,
        "counts": dict.fromkeys(COUNTED, 0),
        "next_row": 1,
        "moved_at": clock.rfc3339(now),
        "created_at": clock.rfc3339(now),
        "expires_epoch": int((now + timedelta(days=days)).timestamp()),
        "version": 1,
        **trace._asdict(),
    }


def changed(table: str, job_id: str, change: str, *, when: str, values: Item) -> Item | None:
    """Change a run's row; None where it is not in the state for that."""
    try:
        return store.update(table, key(job_id), change, when=when, values=values)
    except store.ConditionFailed:
        return None


def claim(table: str, job_id: str, step: int, *, now: datetime) -> Item | None:
    """Claim a step by counting the attempt; None where the run is past it."""
    values = ALIVE | {"step": step, "one": 1, "now": clock.rfc3339(now)}
    change = "SET #attempts = #attempts + :one, #moved_at = :now"
    return changed(table, job_id, change, when=f"#step = :step AND {IS_ALIVE}", values=values)


def moving(table: str, job: Item, counts: Item, now: datetime, **position: Any) -> store.Write:
    """Count what a transaction does, and say how far it comes: in that very transaction."""
    added = [f"#counts.#{name} = #counts.#{name} + :{name}" for name in COUNTED]
    named = [f"#{name} = :{name}" for name in position]
    values = held(job) | {name: counts.get(name, 0) for name in COUNTED} | position
    change = ", ".join([*added, *named, "#moved_at = :moved_at"])
    values |= {"moved_at": clock.rfc3339(now)}
    return store.updating(table, key(job["job_id"]), f"SET {change}", when=HELD, values=values)


def hand_over(table: str, job: Item, *, now: datetime, **progress: Any) -> None:
    """Keep a step's progress, and have the next step go on from there."""
    named = "".join(f", #{name} = :new_{name}" for name in progress)
    values = held(job) | {f"new_{name}": value for name, value in progress.items()}
    values |= {"one": 1, "none": 0, "now": clock.rfc3339(now)}
    change = f"SET #step = #step + :one, #attempts = :none, #moved_at = :now{named}"
    if changed(table, job["job_id"], change, when=HELD, values=values) is None:
        raise Lost(job["job_id"])


def held(job: Item) -> Item:
    """Give the values by which a step proves that it is still its own."""
    return {"step": job["step"], "attempts": job["attempts"], "held_status": job["status"]}


def errors(table: str, job_id: str) -> Iterator[Item]:
    """Read what is wrong with a run's rows, in their order."""
    where = "#job_id = :job_id AND begins_with(#part, :kind)"
    return store.query(table, where, {"job_id": job_id, "kind": "errors#"})
