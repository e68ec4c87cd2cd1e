"""Overdue tasks: due for so long that the message which said so must be lost; they are queued anew.

A message may end before its row does: purged with its queue, given up by SQS while no worker could
read it, too old. The row still says what is due, and its stream sends another message; where the
first is only late, one of the two finds the task over. Ordered tasks are left to a person: what is
sent anew would come behind those that it goes before.
"""

from datetime import datetime, timedelta

from interchange import claims, clock, store
from interchange.store import Item
from message_queue import lifecycle

LISTING = "overdue"  # of a sweep: all tasks that are not over
PAGE = 250  # most of what is read is not overdue, or is not due for months
STATES = (*lifecycle.WAITING, lifecycle.PARKED, claims.RUNNING)

# Longer than a task's queue shows a message that kills whoever takes it: 30 times 6 minutes.
_OVERDUE_FOR = timedelta(hours=4)


def is_overdue(task: Item, *, now: datetime) -> bool:
    """Tell whether a task's message may be lost; if it runs, its lease has the last word."""
    return "ordering_key" not in task and task["due_at"] < _since(now)


def queueing(table: str, task_id: str, *, now: datetime) -> store.Write:
    """Queue a task that is still overdue, as part of a transaction."""
    return lifecycle.queueing_anew(table, task_id, due_before=_since(now), now=now)


def _since(now: datetime) -> str:
    return clock.rfc3339(now - _OVERDUE_FOR)
