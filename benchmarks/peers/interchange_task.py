"""A task by our worker, of a type that does nothing."""

from message_queue import run_task, task_types
from message_queue.task_types import TaskType, users_report

task_types.TASK_TYPES["nothing"] = TaskType(
    users_report.UsersReport, lambda _, __: None, effect="at_least_once"
)
handler = run_task.handler
