"""Do the work: claim the task's row, run its type, write how it ended."""

import json
from dataclasses import dataclass
from datetime import timedelta

from interchange import claims, clock, config
from interchange.claims import Claim
from interchange.observability import bind, count, logger
from interchange.records import Message, Retry, each_message
from message_queue import lifecycle
from message_queue.task_types import TASK_TYPES
from message_queue.task_types.outcome import Fatal, TaskError, Work


@dataclass(frozen=True)
class Settings:
    """What the template gives this function; the lease is its timeout, which no work outlives."""

    tasks_table: str
    lease_seconds: int
    retry_base_seconds: float


settings = config.reader(Settings)


@each_message
def handler(message: Message) -> None:
    """Do the task that the message says is due, if it still is."""
    bind(task_id=message.body["task_id"])
    now = clock.now()
    lease = timedelta(seconds=settings().lease_seconds)
    try:
        held = lifecycle.claim(
            settings().tasks_table, message.body["task_id"], now=now, lease=lease
        )
        _work(held)
    except claims.Over as status:
        logger.info("Task has ended", task_status=str(status))
    except claims.NotYet as status:
        raise Retry(f"the task is {status}") from None
    except claims.Lost:
        logger.warning("Claim was lost to another worker")


def _work(held: Claim) -> None:
    task = held.row
    try:
        _run(held)
    except TaskError as error:
        _failed(held, code=error.code, detail=error.detail, again=not isinstance(error, Fatal))
    except Exception as error:  # noqa: BLE001 - a task's fault is recorded with it, ends no worker
        logger.exception("Task raised")
        _failed(held, code="unexpected", detail=type(error).__name__, again=True)
    else:
        lifecycle.succeed(held, now=clock.now())
        count("TaskSucceeded")
        logger.info("Task succeeded", type=task["type"], attempt=task["attempts"])


def _run(held: Claim) -> None:
    task = held.row
    if lifecycle.spent(held):
        raise Fatal("worker_lost", "Every attempt ended with its worker's death.")
    task_type = TASK_TYPES[task["type"]]
    payload = task_type.model.model_validate(json.loads(task["payload"]))
    task_type.run(payload, Work(task["id"], task["attempts"]))


def _failed(held: Claim, *, code: str, detail: str, again: bool) -> None:
    status = lifecycle.fail(
        held,
        code=code,
        detail=detail,
        again=again,
        base=settings().retry_base_seconds,
        now=clock.now(),
    )
    count("TaskDied" if status == "dead" else "TaskRetried")
    logger.warning("Task failed", code=code, attempt=held.row["attempts"], task_status=status)
