"""A task's life: each transition is one conditional update, so duplicates and the dead do no harm.

queued ──claim──▶ running ──▶ succeeded
   ▲                │  ├────▶ retry_wait ──claim, once due──▶ running
   │                │  └────▶ dead          (no attempts left, or no later try can succeed)
   └── a worker that died leaves `running` with a lease that ends: the next message claims it again
"""

import os
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from interchange import clock, messages, store

_ALIVE = frozenset({"queued", "running", "retry_wait"})

_CLAIMABLE = """
    (#status IN (:queued, :retry_wait) AND #due_at <= :now)
    OR (#status = :running AND #lease_ends_at < :now)
"""
_HOLDING = "#status = :running AND #fence = :fence"


class Over(Exception):
    """The task has ended: the message is a duplicate, and nothing is to be done."""


class NotYet(Exception):
    """Another worker holds the task, or it is not due: this message must find it again later.

    The holder may die and this be the only message: it is never dropped while the task lives.
    """


class Lost(Exception):
    """The claim ran out and another worker took over: its outcome counts, not ours."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A worker's right to do a task: `fence` proves it, until the lease ends."""

    task: store.Item
    fence: str

    @property
    def key(self) -> store.Item:
        """The row's key."""
        return {"id": self.task["id"]}

    @property
    def last(self) -> bool:
        """Whether no attempt is left after this one."""
        return bool(self.task["attempts"] >= self.task["max_attempts"])

    @property
    def spent(self) -> bool:
        """Whether the attempts were used up before this one, by workers that died."""
        return bool(self.task["attempts"] > self.task["max_attempts"])


def claim(table: str, task_id: str, *, now: datetime, lease: timedelta) -> Claim:
    """Take a task that is due, counting the attempt first: a killed process counts nothing."""
    fence = os.urandom(8).hex()
    try:
        task = store.update(
            table,
            {"id": task_id},
            "SET #status = :running, #fence = :fence, #lease_ends_at = :lease_ends_at,"
            " #started_at = :now, #attempts = #attempts + :one",
            when=_CLAIMABLE,
            values={
                "queued": "queued",
                "retry_wait": "retry_wait",
                "running": "running",
                "fence": fence,
                "now": clock.rfc3339(now),
                "lease_ends_at": clock.rfc3339(now + lease),
                "one": 1,
            },
        )
    except store.ConditionFailed as refused:
        status = refused.item.get("status", "absent")
        raise (NotYet if status in _ALIVE else Over)(status) from None
    return Claim(task, fence)


def succeed(table: str, held: Claim, *, now: datetime) -> None:
    """End the task well; Lost if another worker has it by now."""
    _end(table, held, "SET #status = :status, #ended_at = :now", status="succeeded", now=now)


def fail(
    table: str, held: Claim, *, code: str, detail: str, again: bool, base: float, now: datetime
) -> str:
    """Wait for another try, or give up; return the state the task is in now."""
    error = {
        "code": code,
        "detail": detail,
        "at": clock.rfc3339(now),
        "attempt": held.task["attempts"],
    }
    if not again or held.last:
        change = "SET #status = :status, #ended_at = :now, #error = :error"
        _end(table, held, change, status="dead", now=now, error=error)
        return "dead"
    due = now + timedelta(seconds=backoff(held.task["attempts"], base=base))
    change = "SET #status = :status, #retried_at = :now, #error = :error, #due_at = :due_at"
    _end(table, held, change, status="retry_wait", now=now, error=error, due_at=clock.rfc3339(due))
    return "retry_wait"


def backoff(attempt: int, *, base: float) -> float:
    """Give seconds to wait after `attempt`, with full jitter: what failed together returns apart.

    https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    """
    longest = min(messages.LONGEST_DELAY_SECONDS, base * 2 ** (attempt - 1))
    return random.uniform(0, longest)  # noqa: S311 - spreads load, guards nothing


def _end(
    table: str, held: Claim, change: str, *, status: str, now: datetime, **values: Any
) -> None:
    try:
        store.update(
            table,
            held.key,
            f"{change} REMOVE #fence, #lease_ends_at",
            when=_HOLDING,
            values={"running": "running", "fence": held.fence, "status": status}
            | {"now": clock.rfc3339(now)}
            | values,
        )
    except store.ConditionFailed:
        raise Lost(held.task["id"]) from None
