"""Do the work: claim the task's row, run its type, write how it ended."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from interchange import claims, clock, config
from interchange.claims import Claim
from interchange.observability import bind, logger
from interchange.records import Message, Retry, each_message
from interchange.store import Item
from message_queue import lifecycle, metrics
from message_queue.steering import admission, slots
from message_queue.task_types import TASK_TYPES
from message_queue.task_types.outcome import (
    Cancelled,
    Expired,
    Fatal,
    Retryable,
    TaskError,
    Unfinished,
)
from message_queue.task_types.work import Work

_LONGEST_WAIT_SECONDS = 900  # a message that waits counts as in flight, and it may be the only one
_LARGEST_RESULT = 30_000


@dataclass(frozen=True)
class Settings:
    """What the template gives this function; the lease is its timeout, which no work outlives."""

    tasks_table: str
    steering_table: str
    lease_seconds: int
    retry_base_seconds: float
    retention_days: int


settings = config.reader(Settings)


@each_message
def handler(message: Message) -> None:
    """Do the task that the message says is due, if it still is, and if it may be done now."""
    bind(task_id=message.body["task_id"])
    now = clock.now()
    tables = settings().tasks_table, settings().steering_table
    wait = admission.wait(message.body, tables=tables, now=now)
    if wait is not None:
        _keep_back(message.body, wait)
        return
    try:
        _do(message.body, tables, now)
    except claims.Over as status:
        logger.info("Task has ended", task_status=str(status))
    except claims.NotYet as status:
        wait = min(max(status.after, 1), _LONGEST_WAIT_SECONDS)
        raise Retry(f"the task is {status}", after=wait) from None
    except claims.Lost:
        logger.warning("Claim was lost to another worker")


def _do(hint: Item, tables: tuple[str, str], now: datetime) -> None:
    """Do the task in one of its type's slots; without one it is kept back."""
    try:
        with admission.slot(hint, tables=tables, now=now, lease=_lease()):
            _work(_claim(hint["task_id"], now))
    except slots.Full:
        _keep_back(hint, admission.postpone(hint, table=tables[0], now=now))


def _keep_back(hint: Item, wait: float) -> None:
    """Leave an ordered task at the head of its lane; any other is parked, its message done."""
    if hint.get("ordered"):
        raise Retry("the task is kept back", after=min(wait, _LONGEST_WAIT_SECONDS))
    logger.info("Task kept back", seconds=wait)


def _claim(task_id: str, now: datetime) -> Claim:
    held = lifecycle.claim(settings().tasks_table, task_id, now=now, lease=_lease())
    if held.row["attempts"] == 1 and "checkpoint" not in held.row:
        metrics.dwelled(held.row, now=now)
    return held


def _work(held: Claim) -> None:
    """Run the task and write how it ended, whatever it raises."""
    work = _begin(held)
    try:
        result = _run(work)
    except Unfinished:
        lifecycle.go_on(work.held, now=clock.now())
        logger.info("Task goes on in another invocation")
        _keep_place(work.held.row, 0)
    except Cancelled:
        _abandon(work.held, "cancelled")
    except Expired:
        _abandon(work.held, "expired")
    except TaskError as error:
        _failed(work.held, error)
    except claims.Lost:
        raise
    except Exception as error:  # noqa: BLE001 - a task's fault is recorded with it, ends no worker
        logger.exception("Task raised")
        _failed(work.held, Retryable("unexpected", type(error).__name__))
    else:
        _succeeded(work.held, result)


def _begin(held: Claim) -> Work:
    """Give the work most of the lease: what is left is for the writes after it."""
    lease = _lease()
    return Work(held, lease, stop_at=clock.parse(held.row["started_at"]) + lease * 0.7)


def _lease() -> timedelta:
    return timedelta(seconds=settings().lease_seconds)


def _kept() -> timedelta:
    return timedelta(days=settings().retention_days)


def _run(work: Work) -> dict[str, Any] | None:
    task = work.held.row
    if "cancel_requested_at" in task:
        raise Cancelled(task["id"])
    if lifecycle.spent(work.held):
        raise Fatal("worker_lost", "Every attempt ended with its worker's death.")
    if task.get("expires_at", task["started_at"]) < task["started_at"]:
        raise Expired(task["id"])
    task_type = TASK_TYPES[task["type"]]
    payload = task_type.model.model_validate(json.loads(task["payload"]))
    return task_type.run(payload, work)


def _succeeded(held: Claim, result: dict[str, Any] | None) -> None:
    text = None if result is None or held.row.get("drop_result") else json.dumps(result)
    if text is not None and len(text) > _LARGEST_RESULT:
        text = json.dumps({"omitted": f"The result has more than {_LARGEST_RESULT} characters."})
    lifecycle.succeed(held, result=text, now=clock.now(), kept=_kept())
    metrics.ended(held.row, "TaskSucceeded")
    logger.info("Task succeeded", type=held.row["type"], attempt=held.row["attempts"])


def _abandon(held: Claim, status: str) -> None:
    lifecycle.abandon(held, status, now=clock.now(), kept=_kept())
    metrics.ended(held.row, f"Task{status.capitalize()}")
    logger.info("Task abandoned", task_status=status)


def _failed(held: Claim, error: TaskError) -> None:
    now = clock.now()
    task = lifecycle.fail(
        held,
        code=error.code,
        detail=error.detail,
        again=not isinstance(error, Fatal),
        base=settings().retry_base_seconds,
        after=error.after if isinstance(error, Retryable) else 0,
        now=now,
    )
    status = task["status"]
    metrics.ended(task, "TaskDied" if status == "dead" else "TaskRetried")
    logger.warning("Task failed", code=error.code, attempt=task["attempts"], task_status=status)
    if status == "retry_wait":
        _keep_place(task, (clock.parse(task["due_at"]) - now).total_seconds())


def _keep_place(task: Item, wait: float) -> None:
    """Bring an ordered task's message back: no stream sends another, and its lane waits behind."""
    if "ordering_key" in task:
        after = min(wait, _LONGEST_WAIT_SECONDS)
        raise Retry("an ordered task keeps its place", after=after)
