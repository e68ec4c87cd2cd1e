"""A task's life: each transition is one conditional update, so duplicates and the dead do no harm.

scheduled ─┐
queued ────┼─claim, once due──▶ running ──▶ succeeded
retry_wait ┘   ▲                  │  ├────▶ retry_wait      (or queued: a slice of it is done)
               │                  │  └────▶ dead            (no attempts left, or no use in any)
               │                  │         ├──redrive──▶ queued, or cancel
               └─ lease over ─────┘         cancelled, expired
Whatever waits can be cancelled or parked, and parked what a dead worker left; what runs ends itself
once it hears of it. What is long overdue is queued anew.
"""

import random
from datetime import datetime, timedelta
from typing import Any

from interchange import claims, clock, store, tasks
from interchange.claims import Claim
from interchange.store import Item

WAITING = ("queued", "retry_wait", "scheduled")
ENDED = ("cancelled", "dead", "expired", "succeeded")
STATES = (*WAITING, claims.RUNNING, *ENDED)
PARKED = "parked"  # the listing of tasks that a pause or a rate keeps back

_LONGEST_BACKOFF_SECONDS = 3600
_KEPT_HISTORY = 25
_IN_WAITING = "#status IN (:queued, :retry_wait, :scheduled)"
_WAITING_VALUES = {each: each for each in WAITING}


def claim(table: str, task_id: str, *, now: datetime, lease: timedelta) -> Claim:
    """Take a task that is due; Over or NotYet where it is not to be had."""
    listing = tasks.listing(claims.RUNNING, task_id)
    key = {"id": task_id}
    return claims.take(table, key, waiting=WAITING, now=now, lease=lease, listing=listing)


def is_due(task: Item, now: datetime) -> bool:
    """Tell whether a task waits, and may be claimed."""
    return task["status"] in WAITING and task["due_at"] <= clock.rfc3339(now)


def last(held: Claim) -> bool:
    """Tell whether no attempt is left after this one."""
    return bool(held.row["attempts"] >= held.row["max_attempts"])


def spent(held: Claim) -> bool:
    """Tell whether the attempts were used up before this one, by workers that died."""
    return bool(held.row["attempts"] > held.row["max_attempts"])


def succeed(held: Claim, *, result: str | None, now: datetime, kept: timedelta) -> None:
    """End the task well; Lost if another worker has it by now."""
    made = {} if result is None else {"result": result}
    _end(held, "succeeded", **_over(now, kept), **made)


def abandon(held: Claim, status: str, *, now: datetime, kept: timedelta) -> None:
    """End a task that is not to be done: `cancelled` or `expired`; that was no attempt."""
    _end(held, status, **_over(now, kept), attempts=held.row["attempts"] - 1)


def go_on(held: Claim, *, now: datetime) -> None:
    """Queue what is left of a task that has come to the end of its time: that was no failure."""
    _end(held, "queued", due_at=clock.rfc3339(now), attempts=held.row["attempts"] - 1)


def fail(
    held: Claim,
    *,
    code: str,
    detail: str,
    again: bool,
    base: float,
    now: datetime,
    after: float = 0,
) -> Item:
    """Wait for another try, at least `after` seconds, or give up; return the task as it is now.

    A dead task is kept until a person has redriven or cancelled it.
    """
    at, attempt = clock.rfc3339(now), held.row["attempts"]
    error = {"code": code, "detail": detail, "at": at, "attempt": attempt}
    history = [*held.row.get("history", []), error | {"started_at": held.row["started_at"]}]
    told: Item = {"error": error, "history": history[-_KEPT_HISTORY:]}
    if not again or last(held):
        return _end(held, "dead", ended_at=at, **told)
    wait = max(after, backoff(attempt, base=base))
    due = clock.rfc3339(now + timedelta(seconds=wait))
    return _end(held, "retry_wait", retried_at=at, due_at=due, admitted=False, **told)


def backoff(attempt: int, *, base: float) -> float:
    """Give seconds to wait after `attempt`, with full jitter: what failed together returns apart.

    https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    """
    longest = min(_LONGEST_BACKOFF_SECONDS, base * 2 ** (attempt - 1))
    return random.uniform(0, longest)  # noqa: S311 - spreads load, guards nothing


def park(table: str, task_id: str, *, due_at: datetime, now: datetime, **values: Any) -> None:
    """Keep a task that is due back until `due_at`, at no attempt's cost; ConditionFailed elsewhere.

    One that is not due keeps its own time, which may be a year away. One whose worker died is due.
    """
    state = "scheduled" if values.get("admitted") else PARKED
    changes = {"due_at": clock.rfc3339(due_at), "listing": tasks.listing(state, task_id), **values}
    store.update(
        table,
        {"id": task_id},
        f"{store.setting(changes)}, #status = :scheduled REMOVE #fence, #lease_ends_at",
        when=f"({_IN_WAITING} AND #due_at <= :now)"
        " OR (#status = :running AND #lease_ends_at < :now)",
        values=_WAITING_VALUES | changes | {"now": clock.rfc3339(now), "running": claims.RUNNING},
    )


def waking(table: str, task_id: str, *, now: datetime) -> store.Write:
    """Queue a parked task, as part of a transaction."""
    return store.updating(
        table,
        {"id": task_id},
        "SET #status = :queued, #due_at = :now, #listing = :listing",
        when="#listing = :parked",
        values={"queued": "queued", "now": clock.rfc3339(now)}
        | {"listing": tasks.listing("queued", task_id), "parked": tasks.listing(PARKED, task_id)},
    )


def queueing_anew(table: str, task_id: str, *, due_before: str, now: datetime) -> store.Write:
    """Queue what was due, or whose worker died, before a time, as part of a transaction."""
    return store.updating(
        table,
        {"id": task_id},
        "SET #status = :queued, #due_at = :now, #listing = :listing REMOVE #fence, #lease_ends_at",
        when=f"({_IN_WAITING} AND #due_at < :before)"
        " OR (#status = :running AND #lease_ends_at < :before)",
        values=_WAITING_VALUES
        | {"running": claims.RUNNING, "before": due_before, "now": clock.rfc3339(now)}
        | {"listing": tasks.listing("queued", task_id)},
    )


def cancel(table: str, task_id: str, *, now: datetime, kept: timedelta) -> Item:
    """Cancel a task that waits, or waits for a person; ConditionFailed carries any other."""
    over = _over(now, kept) | {"listing": tasks.listing("cancelled", task_id)}
    return store.update(
        table,
        {"id": task_id},
        f"{store.setting(over)}, #status = :cancelled",
        when=f"{_IN_WAITING} OR #status = :dead",
        values=_WAITING_VALUES | {"cancelled": "cancelled", "dead": "dead"} | over,
    )


def ask_to_stop(table: str, task_id: str, *, now: datetime) -> Item:
    """Tell a running task's worker that it is cancelled; ConditionFailed where none runs."""
    return store.update(
        table,
        {"id": task_id},
        "SET #cancel_requested_at = :now",
        when="#status = :running",
        values={"running": claims.RUNNING, "now": clock.rfc3339(now)},
    )


def redriving(table: str, task_id: str, *, due_at: datetime, by: str, now: datetime) -> store.Write:
    """Give a dead task all its attempts again, as part of a transaction; `by` says for whom."""
    status = "queued" if due_at <= now else "scheduled"
    return store.updating(
        table,
        {"id": task_id},
        "SET #status = :status, #attempts = :none, #due_at = :due_at, #listing = :listing,"
        " #redriven_by = :by, #admitted = :no REMOVE #ended_at",
        when="#status = :dead",
        values={"status": status, "none": 0, "due_at": clock.rfc3339(due_at), "dead": "dead"}
        | {"listing": tasks.listing(status, task_id), "no": False, "by": by},
    )


def _over(now: datetime, kept: timedelta) -> Item:
    """Say when the task ended, and until when it is kept."""
    return {"ended_at": clock.rfc3339(now), "expires_epoch": int((now + kept).timestamp())}


def _end(held: Claim, status: str, **values: Any) -> Item:
    values["listing"] = tasks.listing(status, held.row["id"])
    claims.end(held, status, **values)
    return held.row | values | {"status": status}
