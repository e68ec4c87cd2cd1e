"""Erase what tasks keep of a deleted user, cancel those that wait, and end those that recur."""

import contextlib
from dataclasses import dataclass
from datetime import timedelta

from interchange import clock, config, store, tasks
from interchange.envelope import Event
from interchange.observability import count, logger
from interchange.records import Retry
from interchange.subscribers import each_event
from message_queue import lifecycle


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    tasks_table: str
    tasks_by_user_index: str
    steering_table: str
    steering_by_kind_index: str
    retention_days: int


settings = config.reader(Settings)

# What a task, its work or its caller may have written of the person; keys may be addresses.
_PERSONAL = ("user_id", "result", "progress", "checkpoint", "ordering_key", "fairness_key")


@each_event
def handler(deleted: Event) -> None:
    """Take the payload from the user's tasks up to the deletion; one that runs is waited for."""
    _end_schedules(deleted)
    found = list(
        store.index_rows(
            settings().tasks_table,
            settings().tasks_by_user_index,
            "#user_id = :user_id AND #created_at <= :deleted_at",
            {"user_id": deleted.subject, "deleted_at": deleted.time},
        )
    )
    for task in found:
        _erase(task)
    count("TaskErased", len(found))
    logger.info("Tasks erased", event_id=deleted.id, rows=len(found))


def _end_schedules(deleted: Event) -> None:
    """Delete what would go on making tasks for the user; there are few schedules."""
    table, index = settings().steering_table, settings().steering_by_kind_index
    for each in store.index_rows(table, index, "#listed_as = :kind", {"kind": "schedule"}):
        if each.get("user_id") == deleted.subject and each["created_at"] <= deleted.time:
            store.discard(table, {"id": each["id"]})


def _erase(task: store.Item) -> None:
    """Erase by the state the task is in; another state by then, or a running one, comes again."""
    if task["status"] == "running":
        with contextlib.suppress(store.ConditionFailed):  # it has ended meanwhile
            lifecycle.ask_to_stop(settings().tasks_table, task["id"], now=clock.now())
        raise Retry("a task of the user is running")
    status = "cancelled" if task["status"] in lifecycle.WAITING else task["status"]
    removed, now = ", ".join(f"#{name}" for name in _PERSONAL), clock.now()
    expires = int((now + timedelta(days=settings().retention_days)).timestamp())
    try:
        store.update(
            settings().tasks_table,
            {"id": task["id"]},
            "SET #payload = :nothing, #status = :status, #listing = :listing, #erased_at = :now,"
            " #expires_epoch = if_not_exists(#expires_epoch, :expires),"
            f" #ended_at = if_not_exists(#ended_at, :now) REMOVE {removed}",
            when="#status = :seen",
            values={
                "nothing": "{}",
                "status": status,
                "listing": tasks.listing(status, task["id"]),
                "seen": task["status"],
                "now": clock.rfc3339(now),
                "expires": expires,
            },
        )
    except store.ConditionFailed:
        raise Retry("a task of the user has just changed") from None
