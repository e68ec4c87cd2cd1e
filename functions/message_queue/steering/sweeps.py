"""Sweeps: move many tasks at once, a page at a time; what dies goes on where it was.

A sweep is a row that is claimed like a task and given back with how far it is; its stream sends
the message for the next page. It redrives dead tasks, wakes those that a pause had parked, or
queues anew those that are overdue.
"""

import contextlib
from datetime import datetime, timedelta
from typing import Any

from interchange import claims, clock, store
from interchange.claims import Claim
from interchange.observability import logger
from interchange.store import Item
from interchange.trace import Trace
from message_queue import lifecycle
from message_queue.steering import lanes, overdue, sweep_pages

WAITING = ("queued",)

_PUBLIC = ("id", "status", "type", "moved", "limit", "per_second", "created_at", "ended_at")


def row(
    id: str,
    *,
    listing: str,
    now: datetime,
    trace: Trace,
    wait: timedelta = timedelta(),
    **given: Any,
) -> Item:
    """Make the row of a sweep over `dead`, `parked` or `overdue`; it begins after `wait`."""
    return {
        "id": id,
        "kind": "sweep",
        "status": "queued",
        "listing": listing,
        "shard": 0,
        "after": "",
        "moved": 0,
        "attempts": 0,
        "due_at": clock.rfc3339(now + wait),
        "created_at": clock.rfc3339(now),
        "expires_epoch": int((now + timedelta(days=30)).timestamp()),
        "version": 1,
        **{name: value for name, value in given.items() if value is not None},
        **trace._asdict(),
    }


def begin(table: str, id: str, **given: Any) -> Item:
    """Commit a new sweep, from where its stream sends it on; one that is there is this one."""
    sweep = row(id, **given)
    with contextlib.suppress(store.ConditionFailed):  # this very request made it, and died then
        store.put_new(table, sweep)
    return sweep


def representation(sweep: Item) -> dict[str, Any]:
    """Show a sweep and how far it is."""
    return {name: sweep[name] for name in _PUBLIC if name in sweep}


def carry_on(held: Claim, tables: tuple[str, str], index: str, *, now: datetime) -> str:
    """Move one page of tasks, note how far the sweep is, and return its state."""
    sweep = held.row
    shard, page = sweep_pages.next_page(sweep, tables[0], index)
    moved = sweep["moved"]
    for task in page.items:
        if moved < sweep.get("limit", moved + 1) and _is_meant(sweep, task, now):
            moved += _move(held, task, tables, nth=moved, now=now)
    place = sweep_pages.place(shard, page)
    if sweep_pages.is_end(sweep, place) or moved >= sweep.get("limit", moved + 1):
        claims.end(held, "completed", ended_at=clock.rfc3339(now))
        return "completed"
    claims.end(held, "queued", due_at=clock.rfc3339(now), attempts=0, **place)
    return "queued"


def _is_meant(sweep: Item, task: Item, now: datetime) -> bool:
    """Leave out what other filters name, and what died again since the sweep began."""
    if sweep["listing"] == overdue.LISTING:
        return overdue.is_overdue(task, now=now)
    began = sweep["created_at"]
    return (
        all(task[name] == sweep[name] for name in ("type", "priority") if name in sweep)
        and task.get("ended_at", began) <= began
    )


def _move(held: Claim, task: Item, tables: tuple[str, str], *, nth: int, now: datetime) -> bool:
    """Queue one task and count it, both or neither; False where somebody else had moved it."""
    moving = _moving(held.row, task, tables, nth=nth, now=now)
    try:
        store.transact([*moving, _counting(held)])
    except store.TransactionRefused as refused:
        if refused.writes[-1].failed:
            raise claims.Lost(held.row["id"]) from None
        if not refused.writes[0].failed:
            raise
        return False
    if held.row["listing"] == overdue.LISTING:
        logger.warning("Overdue task queued anew", task_id=task["id"], task_status=task["status"])
    return True


def _moving(
    sweep: Item, task: Item, tables: tuple[str, str], *, nth: int, now: datetime
) -> list[store.Write]:
    match sweep["listing"]:
        case lifecycle.PARKED:
            return [lifecycle.waking(tables[0], task["id"], now=now)]
        case overdue.LISTING:
            return [overdue.queueing(tables[0], task["id"], now=now)]
    due = clock.parse(sweep["created_at"]) + timedelta(seconds=nth / sweep["per_second"])
    return redriving(task, tables, due_at=max(due, now), by=sweep["id"], now=now)


def _counting(held: Claim) -> store.Write:
    """Count a task that is moved, as long as the sweep is ours."""
    return store.updating(
        held.table,
        held.key,
        "SET #moved = #moved + :one",
        when="#fence = :fence",
        values={"one": 1, "fence": held.fence},
    )


def redriving(
    task: Item, tables: tuple[str, str], *, due_at: datetime, by: str, now: datetime
) -> list[store.Write]:
    """Give a dead task another life, an ordered one at its lane's end, as part of a transaction."""
    if "ordering_key" not in task:
        return [lifecycle.redriving(tables[0], task["id"], due_at=due_at, by=by, now=now)]
    again = lifecycle.redriving(tables[0], task["id"], due_at=now, by=by, now=now)
    return [again, lanes.entering(tables[1], task)]
