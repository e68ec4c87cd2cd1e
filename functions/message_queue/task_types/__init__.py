"""The types of task, a module each: what a caller sends (the model), what a worker does (`run`)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from interchange.validation import Body
from message_queue.task_types import email_notification, http_request, users_report
from message_queue.task_types.work import Work


@dataclass(frozen=True, slots=True)
class TaskType:
    """How to read a task of this type, how to do it, and how often its effect may happen.

    `run` returns what the caller may read as the task's result. `per_second` bounds how often tasks
    of this type are begun and `concurrency` how many run at once, all workers together; None
    where nothing needs it.
    """

    model: type[Body]
    run: Callable[[Any, Work], dict[str, Any] | None]
    effect: Literal["at_least_once", "at_most_once"]
    per_second: Callable[[], float] | None = None
    concurrency: int | None = None


TASK_TYPES: dict[str, TaskType] = {
    "email_notification": TaskType(
        email_notification.EmailNotification,
        email_notification.run,
        effect="at_least_once",
        per_second=email_notification.per_second,
    ),
    "http_request": TaskType(http_request.HttpRequest, http_request.run, effect="at_least_once"),
    "users_report": TaskType(
        users_report.UsersReport,
        users_report.run,
        effect="at_least_once",
        concurrency=2,  # each reads the whole table
    ),
}
