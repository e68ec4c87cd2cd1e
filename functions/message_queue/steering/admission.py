"""Whether a task may be begun now: its type or priority may be paused, its type's turns taken.

What is kept back loses no attempt: its message ends, its row waits, and its stream sends another.
An ordered task's row waits, too, with the turn it took; its message stays, and so its place.
"""

from contextlib import AbstractContextManager
from datetime import datetime, timedelta

from interchange import claims, store
from interchange.store import Item
from message_queue import lifecycle
from message_queue.steering import pacing, pauses, slots
from message_queue.task_types import TASK_TYPES

# A resumed queue wakes its tasks at once; this is for those that its sweep overtook.
_PARKED_FOR = timedelta(minutes=15)
_ORDERED_WAIT_SECONDS = 300
_SLOT_WAIT = timedelta(seconds=5)


def wait(hint: Item, *, tables: tuple[str, str], now: datetime) -> float | None:
    """Say for how long the task that a message names is kept back; None where it is not.

    `tables` are the tasks' and the steering's. A task that cannot be parked, as it is not due, runs
    or is over, is not kept back: its claim says what becomes of the message.
    """
    tasks_table, steering_table = tables
    if hint.get("ungrouped"):  # Scheduler sent it; its stream's next message has its group
        return _park(tasks_table, hint, due_at=now, now=now)
    type, priority = hint.get("type", ""), hint.get("priority", "")
    if pauses.holds_back(steering_table, type=type, priority=priority, now=now):
        if hint.get("ordered"):
            return _ORDERED_WAIT_SECONDS
        return _park(tasks_table, hint, due_at=now + _PARKED_FOR, now=now, admitted=False)
    turn = _turn(tables, hint, type, now)
    if turn is None or turn <= now:
        return None
    return _park(tasks_table, hint, due_at=turn, now=now, admitted=True)


def slot(
    hint: Item, *, tables: tuple[str, str], now: datetime, lease: timedelta
) -> AbstractContextManager[None]:
    """Hold one of the slots of the task's type while it runs; slots.Full where all are held."""
    found = TASK_TYPES.get(hint.get("type", ""))
    count = found.concurrency if found else None
    name = hint.get("type", "")
    return slots.taken(tables[1], name, count, task_id=hint["task_id"], now=now, lease=lease)


def postpone(hint: Item, *, table: str, now: datetime) -> float:
    """Keep a task back for a while whose type's slots are all held, and say for how long.

    Over or NotYet, as its claim would be, where it is not to be had.
    """
    try:
        lifecycle.park(table, hint["task_id"], due_at=now + _SLOT_WAIT, now=now, admitted=True)
    except store.ConditionFailed as met:
        raise claims.refusal(met.item, lifecycle.WAITING, now) from None
    return _SLOT_WAIT.total_seconds()


def _park(
    table: str, hint: Item, *, due_at: datetime, now: datetime, **values: bool
) -> float | None:
    try:
        lifecycle.park(table, hint["task_id"], due_at=due_at, now=now, **values)
    except store.ConditionFailed:
        return None
    return (due_at - now).total_seconds()


def _turn(tables: tuple[str, str], hint: Item, type: str, now: datetime) -> datetime | None:
    """Take a turn of the type's, unless the task comes for the one it took; None where free."""
    found = TASK_TYPES.get(type)
    if found is None or found.per_second is None or not _wants_turn(tables[0], hint, now):
        return None
    (turn,) = pacing.take_turns(
        tables[1], f"type:{type}", 1, per_second=found.per_second(), now=now
    )
    return turn


def _wants_turn(table: str, hint: Item, now: datetime) -> bool:
    """Tell whether the task has no turn yet; an ordered one's message stays, its row knows."""
    if not hint.get("ordered"):
        return not hint.get("admitted")
    task = store.get(table, {"id": hint["task_id"]})
    return task is not None and lifecycle.is_due(task, now) and not task.get("admitted")
