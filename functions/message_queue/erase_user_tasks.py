"""Erase what tasks keep of a deleted user, and cancel those that wait."""

from dataclasses import dataclass

from interchange import clock, config, store
from interchange.envelope import Event
from interchange.observability import count, logger
from interchange.records import Retry
from interchange.subscribers import each_event


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    tasks_table: str
    tasks_by_user_index: str


settings = config.reader(Settings)


@each_event
def handler(deleted: Event) -> None:
    """Take the payload from the user's tasks up to the deletion; one that runs is waited for."""
    tasks = list(
        store.index_rows(
            settings().tasks_table,
            settings().tasks_by_user_index,
            "#user_id = :user_id AND #created_at <= :deleted_at",
            {"user_id": deleted.subject, "deleted_at": deleted.time},
        )
    )
    for task in tasks:
        _erase(task)
    count("TaskErased", len(tasks))
    logger.info("Tasks erased", event_id=deleted.id, rows=len(tasks))


def _erase(task: store.Item) -> None:
    """Erase by the state the task is in; another state by then, or a running one, comes again."""
    waiting = task["status"] in ("queued", "retry_wait")
    change = "SET #payload = :nothing, #status = :status, #erased_at = :now REMOVE #user_id"
    if task["status"] == "running":
        raise Retry("a task of the user is running")
    try:
        store.update(
            settings().tasks_table,
            {"id": task["id"]},
            change,
            when="#status = :seen",
            values={
                "nothing": "{}",
                "status": "cancelled" if waiting else task["status"],
                "seen": task["status"],
                "now": clock.rfc3339(clock.now()),
            },
        )
    except store.ConditionFailed:
        raise Retry("a task of the user has just changed") from None
