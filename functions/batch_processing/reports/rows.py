"""A report's row, the job: one a day, by its id; each change is one conditional update.

running ─▶ completed | failed        (running again, by a request or, where it failed, by a tick)

Work is done in steps, as an import's: `step` numbers them, a message names one, `attempts` counts,
and fences, those that have begun it, and `reading` says how far the counting is.
"""

import contextlib
from datetime import datetime
from typing import Any

from batch_processing.reports.days import Day
from interchange import clock, store
from interchange.store import Item
from interchange.trace import Trace

KIND = "daily"
_HELD = "#status = :running AND #run = :run AND #step = :step AND #attempts = :attempts"
_SHOWN = ("status", "run", "created_at", "started_at", "ended_at", "made_at", "error", "version")


def key(id: str) -> Item:
    """Give the key of a day's row: the date."""
    return {"id": id}


def new(day: Day, *, now: datetime, trace: Trace, **marks: Any) -> Item:
    """Make the row of a report that is to be made."""
    at = clock.rfc3339(now)
    return {
        **key(day.date),
        "kind": KIND,
        "status": "running",
        "run": 1,
        "step": 1,
        "attempts": 0,
        "start": clock.rfc3339(day.start),
        "end": clock.rfc3339(day.end),
        "time_zone": day.zone,
        "created_at": at,
        "started_at": at,
        "version": 1,
        **marks,
        **trace._asdict(),
    }


def day(row: Item) -> Day:
    """Give a report's day, as it was when its row was made: the zone may be another by now."""
    start, end = clock.parse(row["start"]), clock.parse(row["end"])
    return Day(row["id"], start, end, row["time_zone"])


def have(table: str, row: Item) -> bool:
    """Write the row unless the day has one; tell whether it had none."""
    with contextlib.suppress(store.ConditionFailed):
        store.put_new(table, row)
        return True
    return False


def again(table: str, id: str, *, states: str, now: datetime, **marks: Any) -> Item | None:
    """Make a report anew that is in one of these states, by name; None where it is in none."""
    named = {f"state_{each}": each for each in states.split()}
    sets = "".join(f", #{name} = :{name}" for name in marks)
    return _changed(
        table,
        id,
        "SET #status = :running, #run = #run + :one, #step = :one, #attempts = :none,"
        f" #started_at = :now{sets} REMOVE #reading, #rows_read, #error, #ended_at",
        when=f"#status IN ({', '.join(f':{name}' for name in named)})",
        values={"running": "running", "one": 1, "none": 0, "now": clock.rfc3339(now)}
        | named
        | marks,
    )


def begin(table: str, id: str, *, run: int, step: int) -> Item | None:
    """Claim a step by counting the attempt; None where the report is past it."""
    return _changed(
        table,
        id,
        "SET #attempts = #attempts + :one",
        when="#status = :running AND #run = :run AND #step = :step",
        values={"running": "running", "run": run, "step": step, "one": 1},
    )


def hand_over(table: str, row: Item, *, reading: Item) -> None:
    """Keep how far the counting is, and have the next step go on from there."""
    change = "SET #reading = :reading, #step = #step + :one, #attempts = :none"
    values = _held(row) | {"reading": reading, "one": 1, "none": 0}
    _changed(table, row["id"], change, when=_HELD, values=values)


def keep(table: str, row: Item, *, reading: Item) -> bool:
    """Keep what is counted, before it is shown; False where another worker has the step by now."""
    values = _held(row) | {"reading": reading}
    return (
        _changed(table, row["id"], "SET #reading = :reading", when=_HELD, values=values) is not None
    )


def complete(table: str, row: Item, *, totals: Item, rows_read: int, now: datetime) -> None:
    """Say that the report is there."""
    values = {"completed": "completed", "totals": totals, "rows_read": rows_read}
    values |= {"now": clock.rfc3339(now), **_held(row)}
    change = "SET #status = :completed, #totals = :totals, #rows_read = :rows_read"
    change += ", #made_at = :now, #ended_at = :now"
    _changed(table, row["id"], f"{change} REMOVE #reading", when=_HELD, values=values)


def fail(table: str, row: Item, *, code: str, detail: str, now: datetime) -> None:
    """End the job without a report; one from an earlier run stays."""
    values = {"failed": "failed", "error": {"code": code, "detail": detail}}
    values |= {"now": clock.rfc3339(now), **_held(row)}
    change = "SET #status = :failed, #error = :error, #ended_at = :now REMOVE #reading"
    _changed(table, row["id"], change, when=_HELD, values=values)


def shown(row: Item) -> dict[str, Any]:
    """Show the job; its totals are the last complete run's."""
    read = row.get("reading", {}).get("rows", row.get("rows_read", 0))
    return {
        "id": row["id"],
        **{name: row[name] for name in _SHOWN if name in row},
        "period": period(day(row)),
        "progress": {"step": row["step"], "rows_read": read},
        "totals": row.get("totals"),
    }


def period(day: Day) -> dict[str, Any]:
    """Show a day's bounds, of which the second is not in it."""
    bounds = {"start": clock.rfc3339(day.start), "end": clock.rfc3339(day.end)}
    return {**bounds, "time_zone": day.zone, "hours": day.hours}


def _changed(table: str, id: str, change: str, *, when: str, values: Item) -> Item | None:
    try:
        return store.update(table, key(id), change, when=when, values=values)
    except store.ConditionFailed:
        return None


def _held(row: Item) -> Item:
    held = {name: row[name] for name in ("run", "step", "attempts")}
    return {"running": "running", **held}
