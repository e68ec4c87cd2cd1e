"""Slots: how many tasks of a type run at once, all workers together.

A slot is a row that is leased for as long as a claim is; a worker that dies gives it back when the
lease is over. A fence proves whose it is: a task's second message takes no slot from its first.
"""

import contextlib
import os
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from interchange import clock, ids, store

_KEPT = timedelta(days=1)  # after which a slot that nobody asks for is deleted
_FREE = "attribute_not_exists(#task_id) OR #lease_ends_at < :now"


class Full(Exception):
    """As many of the type's tasks run as may."""


class Slot(NamedTuple):
    """A slot that a worker holds, or asks for, for its task."""

    table: str
    id: str
    task_id: str
    fence: str


@contextlib.contextmanager
def taken(
    table: str, type: str, count: int | None, *, task_id: str, now: datetime, lease: timedelta
) -> Iterator[None]:
    """Hold one of the type's slots for as long as the block lasts; Full where there is none.

    A process that dies in it gives nothing back: its lease ends.
    """
    slot = (
        None if count is None else _take(table, type, count, task_id=task_id, now=now, lease=lease)
    )
    try:
        yield
    except Exception:
        _give_back(slot)
        raise
    _give_back(slot)


def _take(
    table: str, type: str, count: int, *, task_id: str, now: datetime, lease: timedelta
) -> Slot:
    fence = os.urandom(8).hex()
    for index in random.sample(range(count), count):
        slot = Slot(table, ids.derived("slot", type, str(index)), task_id, fence)
        with contextlib.suppress(store.ConditionFailed):
            _lease(slot, now=now, lease=lease)
            return slot
    raise Full(type)


def _give_back(slot: Slot | None) -> None:
    """Free a slot; one that is another's by now is left to it."""
    if slot is None:
        return
    with contextlib.suppress(store.ConditionFailed):
        store.change(
            slot.table,
            {"id": slot.id},
            "REMOVE #task_id, #fence, #lease_ends_at",
            when="#fence = :fence",
            values={"fence": slot.fence},
        )


def _lease(slot: Slot, *, now: datetime, lease: timedelta) -> None:
    store.change(
        slot.table,
        {"id": slot.id},
        "SET #kind = :kind, #task_id = :task_id, #fence = :fence, #lease_ends_at = :ends,"
        " #expires_epoch = :expires",
        when=_FREE,
        values={
            "kind": "slot",
            "task_id": slot.task_id,
            "fence": slot.fence,
            "now": clock.rfc3339(now),
            "ends": clock.rfc3339(now + lease),
            "expires": int((now + _KEPT).timestamp()),
        },
    )
