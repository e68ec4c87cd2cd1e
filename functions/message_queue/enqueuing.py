"""Put tasks into the table: once per order, once per dedupe key, at the end of their lane."""

from datetime import datetime, timedelta
from typing import Any

from interchange import clock, ids, store
from interchange.errors import Unavailable
from interchange.observability import count
from interchange.store import Item
from interchange.trace import Trace
from message_queue import options
from message_queue.options import Order
from message_queue.steering import lanes, pacing


def enqueue(
    order: Order,
    *,
    id: str,
    tables: tuple[str, str],
    caller: str,
    due_at: str | None,
    now: datetime,
    trace: Trace,
) -> Item:
    """Commit the order's task and return it, or the one that is there already.

    `tables` are the tasks' and the steering's. The other is this order's own, whose process died
    before it could answer, or the first with its dedupe key.
    """
    tasks_table, steering_table = tables
    task = options.row(order, id=id, due_at=due_at, now=now, trace=trace)
    if order.options.dedupe_key is None and order.options.ordering_key is None:
        return _put(tasks_table, task)
    writes = [store.putting_new(tasks_table, task)]
    if order.options.dedupe_key is not None:
        writes.append(_claiming_key(steering_table, order, task, caller=caller, now=now))
    if order.options.ordering_key is not None:
        writes.append(lanes.entering(steering_table, task))
    return _transact(tasks_table, task, writes)


def space_out(
    orders: list[Order], *, table: str, per_second: float, now: datetime
) -> list[str | None]:
    """Say when each order is due: of one fairness key so many a second, so others come between.

    SQS's fair queues do the same for what waits in a queue; this holds where a queue is not fair.
    """
    due = [options.due_at(each.options, now=now) for each in orders]
    keys = {each.options.fairness_key for each in orders} - {None}
    for key in sorted(str(each) for each in keys):
        mine = [i for i, each in enumerate(orders) if _to_space(each, key)]
        name = f"fairness:{key}"
        turns = pacing.take_turns(table, name, len(mine), per_second=per_second, now=now)
        for index, turn in zip(mine, turns, strict=True):
            due[index] = clock.rfc3339(turn)
    return due


def _to_space(order: Order, key: str) -> bool:
    """Tell whether the order is this key's and due now: what has a time of its own keeps it."""
    chosen = order.options
    return chosen.fairness_key == key and not (chosen.delay_seconds or chosen.run_at)


def _put(table: str, task: Item) -> Item:
    try:
        store.put_new(table, task)
    except store.ConditionFailed as met:
        return met.item
    count("TaskEnqueued")
    return task


def _claiming_key(
    table: str, order: Order, task: Item, *, caller: str, now: datetime
) -> store.Write:
    """Take the caller's dedupe key for this task, where it is free or its window is over."""
    until = now + timedelta(seconds=order.options.dedupe_seconds)
    claim = {
        "id": ids.derived("dup", caller, str(order.options.dedupe_key)),
        "kind": "dedupe",
        "task_id": task["id"],
        "expires_epoch": int(until.timestamp()),
        "version": 1,
    }
    values = {"now_epoch": int(now.timestamp())}
    free = "attribute_not_exists(#id) OR #expires_epoch <= :now_epoch"
    return store.putting(table, claim, when=free, values=values)


def _transact(table: str, task: Item, writes: list[Any]) -> Item:
    try:
        store.transact(writes)
    except store.TransactionRefused as refused:
        mine, *others = refused.writes
        if mine.failed:
            return mine.item
        duplicate = next((each.item for each in others if each.failed), None)
        if duplicate is None:  # other writers were at the same rows each time
            raise Unavailable("The key is in use by others; send the same again.") from refused
        first = store.get(table, {"id": duplicate["task_id"]})
        return first or {"id": duplicate["task_id"], "status": "succeeded"}
    count("TaskEnqueued")
    return task
