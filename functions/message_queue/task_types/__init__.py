"""The types of task, a module each: what a caller sends (the model), what a worker does (`run`)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from interchange.validation import Body
from message_queue.task_types import email_notification
from message_queue.task_types.outcome import Work


@dataclass(frozen=True, slots=True)
class TaskType:
    """How to read a task of this type and how to do it."""

    model: type[Body]
    run: Callable[[Any, Work], None]


TASK_TYPES: dict[str, TaskType] = {
    "email_notification": TaskType(email_notification.EmailNotification, email_notification.run),
}
