"""Schedules: recurring tasks; each tick makes one task, whatever dies and however often it comes.

The row is the outbox of its next tick: the stream sends a message that is due then. The tick's task
and the row's next tick are one transaction, conditional on the tick, and the task's id is derived
from it.
"""

import json
from datetime import datetime
from typing import Any

from interchange import clock, ids, store, users
from interchange.store import Item
from interchange.trace import Trace
from message_queue import options
from message_queue.recurring import cron

_PUBLIC = (
    "id",
    "declared_as",
    "expression",
    "timezone",
    "missed",
    "created_at",
    "next_at",
    "last_tick_at",
)


def row(id: str, given: Any, task: dict[str, Any], *, now: datetime, trace: Trace) -> Item:
    """Make the row of a schedule; BadExpression where it would never come due."""
    tick = cron.next_tick(given.expression, given.timezone, after=now, anchor=now)
    recipient = task.get("recipient")
    return {
        "id": id,
        "kind": "schedule",
        "listed_as": "schedule",
        "status": "active",
        "expression": given.expression,
        "timezone": given.timezone,
        "missed": given.missed,
        "task": json.dumps(task, ensure_ascii=False),
        # Whom the tasks are about, so that erasing a person ends them.
        **({"user_id": users.user_id(recipient)} if isinstance(recipient, str) else {}),
        "created_at": clock.rfc3339(now),
        "next_at": clock.rfc3339(tick),
        "version": 1,
        **trace._asdict(),
    }


def tick(tables: tuple[str, str], schedule: Item, *, now: datetime) -> Item | None:
    """Carry out the tick that is due and return its task, None where it is left out.

    A tick is missed when it is noticed after the next one was due: `skip` leaves it out, `catch_up`
    makes one task for the last of those missed. ConditionFailed: another carried it out.
    """
    nominal = clock.parse(schedule["next_at"])
    latest, following = _latest(schedule, nominal, now), _next(schedule, max(nominal, now))
    task = None
    if latest == nominal or schedule["missed"] == "catch_up":
        task = _task(schedule, clock.rfc3339(latest), now)
    _commit(tables, schedule, task, clock.rfc3339(latest), clock.rfc3339(following))
    return task


def representation(schedule: Item) -> dict[str, Any]:
    """Show a schedule and the kind of its tasks, not what is in them."""
    shown = {name: schedule[name] for name in _PUBLIC if name in schedule}
    return shown | {"type": json.loads(schedule["task"])["type"]}


def _next(schedule: Item, after: datetime) -> datetime:
    anchor = clock.parse(schedule["created_at"])
    return cron.next_tick(schedule["expression"], schedule["timezone"], after=after, anchor=anchor)


def _latest(schedule: Item, nominal: datetime, now: datetime) -> datetime:
    """Give the last tick that is due; an outage of weeks has too many to be walked through."""
    anchor = clock.parse(schedule["created_at"])
    expression, zone = schedule["expression"], schedule["timezone"]
    return cron.last_tick(expression, zone, since=nominal, until=now, anchor=anchor)


def _task(schedule: Item, nominal: str, now: datetime) -> Item:
    order = options.parse(json.loads(schedule["task"]), now=now)
    id = ids.derived("tsk", schedule["id"], nominal)
    trace = Trace(schedule["correlation_id"], schedule["traceparent"])
    made = options.row(order, id=id, due_at=None, now=now, trace=trace)
    return made | {"schedule_id": schedule["id"]}


def _commit(
    tables: tuple[str, str], schedule: Item, task: Item | None, latest: str, following: str
) -> None:
    advancing = store.updating(
        tables[1],
        {"id": schedule["id"]},
        "SET #next_at = :following, #last_tick_at = :latest",
        when="#next_at = :tick",
        values={"following": following, "latest": latest, "tick": schedule["next_at"]},
    )
    making = [] if task is None else [store.putting_new(tables[0], task)]
    try:
        store.transact([*making, advancing])
    except store.TransactionRefused as refused:
        if any(each.failed for each in refused.writes):
            raise store.ConditionFailed({}) from refused
        raise
