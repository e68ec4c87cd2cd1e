"""Recurring tasks that the template declares: EventBridge Scheduler tells of each every hour.

It tells what is to be, no more: the row is brought in step, and has ticks of its own (`schedules`).
So what comes twice, late or not at all makes no tick and loses none.
"""

import json
from datetime import datetime
from typing import Any

from interchange import clock, ids, store, trace
from interchange.store import Item
from message_queue.recurring import recurrence

_DECLARED = ("expression", "timezone", "missed", "task")


def keep(table: str, message: dict[str, Any], *, now: datetime) -> bool:
    """Put the schedule that is declared, or change the one there is; False where it is in step.

    ConditionFailed: it has just ticked, or changed.
    """
    name = message["name"]
    declared = {each: message[each] for each in _DECLARED}
    begun = trace.from_headers({}, request_id=f"declared:{name}")
    row = recurrence.row(declared, id=ids.derived("sch", name), now=now, trace=begun)
    row |= {"declared_as": name, "declaration": json.dumps(declared, sort_keys=True)}
    try:
        store.put_new(table, row)
    except store.ConditionFailed as met:
        return _bring_in_step(table, met.item, row, now=now)
    return True


def _bring_in_step(table: str, there: Item, row: Item, *, now: datetime) -> bool:
    """Put the row in the other's place, where it says something else."""
    if there["declaration"] == row["declaration"]:
        return False
    kept = {name: there[name] for name in ("last_tick_at",) if name in there}
    if clock.parse(there["next_at"]) <= now:  # its tick is on its way, and not to be lost
        kept["next_at"] = there["next_at"]
    changed = row | kept | {"version": there["version"] + 1}
    store.put(table, changed, when="#version = :seen", values={"seen": there["version"]})
    return True
