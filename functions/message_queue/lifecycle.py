"""A task's life: each transition is one conditional update, so duplicates and the dead do no harm.

queued ──claim──▶ running ──▶ succeeded
   ▲                │  ├────▶ retry_wait ──claim, once due──▶ running
   │                │  └────▶ dead          (no attempts left, or no later try can succeed)
   └── a worker that died leaves `running` with a lease that ends: the next message claims it again
"""

import random
from datetime import datetime, timedelta

from interchange import claims, clock, messages
from interchange.claims import Claim

_WAITING = ("queued", "retry_wait")


def claim(table: str, task_id: str, *, now: datetime, lease: timedelta) -> Claim:
    """Take a task that is due; Over or NotYet where it is not to be had."""
    return claims.take(table, {"id": task_id}, waiting=_WAITING, now=now, lease=lease)


def last(held: Claim) -> bool:
    """Tell whether no attempt is left after this one."""
    return bool(held.row["attempts"] >= held.row["max_attempts"])


def spent(held: Claim) -> bool:
    """Tell whether the attempts were used up before this one, by workers that died."""
    return bool(held.row["attempts"] > held.row["max_attempts"])


def succeed(held: Claim, *, now: datetime) -> None:
    """End the task well; Lost if another worker has it by now."""
    claims.end(held, "succeeded", ended_at=clock.rfc3339(now))


def fail(held: Claim, *, code: str, detail: str, again: bool, base: float, now: datetime) -> str:
    """Wait for another try, or give up; return the state the task is in now."""
    at = clock.rfc3339(now)
    error = {"code": code, "detail": detail, "at": at, "attempt": held.row["attempts"]}
    if not again or last(held):
        claims.end(held, "dead", ended_at=at, error=error)
        return "dead"
    due = clock.rfc3339(now + timedelta(seconds=backoff(held.row["attempts"], base=base)))
    claims.end(held, "retry_wait", retried_at=at, error=error, due_at=due)
    return "retry_wait"


def backoff(attempt: int, *, base: float) -> float:
    """Give seconds to wait after `attempt`, with full jitter: what failed together returns apart.

    https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    """
    longest = min(messages.LONGEST_DELAY_SECONDS, base * 2 ** (attempt - 1))
    return random.uniform(0, longest)  # noqa: S311 - spreads load, guards nothing
