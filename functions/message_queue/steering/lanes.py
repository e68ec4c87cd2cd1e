"""Lanes: tasks with one ordering key, done one after another in the order they were enqueued.

A lane is a row that each of its tasks changes in the task's own transaction. Changes of one row
come out of its stream in order, which changes of several rows need not; so the lane's stream, not
the tasks', fills the FIFO queue.
"""

from interchange import ids, store
from interchange.store import Item


def entering(table: str, task: Item) -> store.Write:
    """Put a task at the end of its lane, as part of the transaction that queues it."""
    return store.updating(
        table,
        {"id": ids.derived("lane", task["ordering_key"])},
        "SET #kind = :lane, #task_id = :task_id, #type = :type, #priority = :priority,"
        " #correlation_id = :correlation_id, #traceparent = :traceparent",
        when="attribute_not_exists(#id) OR #kind = :lane",
        values={"lane": "lane", "task_id": task["id"]}
        | {name: task[name] for name in ("type", "priority", "correlation_id", "traceparent")},
    )
