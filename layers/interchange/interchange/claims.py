"""Claim a row that is due: a lease says how long, a fence proves whose, attempts are counted first.

The row has `status`, `attempts` and `due_at`; while it is claimed `status` is `running`, with
`fence` and `lease_ends_at`. Each step is one conditional update, so that duplicates, early
messages and the dead do no harm:

waiting ──take, once due──▶ running ──end──▶ what the holder says, a waiting state included
                             ▲   │
                             └───┘ renew; or take by another, once the lease is over
"""

import contextlib
import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from interchange import clock, store

RUNNING = "running"

_HOLDING = "#status = :running AND #fence = :fence"
_LEAVING = " REMOVE #fence, #lease_ends_at"


class Over(Exception):
    """The row has ended, or is gone: the message is a duplicate, and nothing is to be done."""


class NotYet(Exception):
    """Another worker holds the row, or it is not due; after this many seconds it may be free.

    The holder may die and this be the only message: it is never dropped while the row lives.
    """

    def __init__(self, status: str, *, after: float) -> None:
        super().__init__(status)
        self.after = after


class Lost(Exception):
    """The claim ran out and another worker took over: its outcome counts, not ours."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A worker's right to work on a row: `fence` proves it, until the lease ends."""

    table: str
    key: store.Item
    row: store.Item
    fence: str


def take(
    table: str,
    key: store.Item,
    *,
    waiting: Collection[str],
    now: datetime,
    lease: timedelta,
    **values: Any,
) -> Claim:
    """Claim a row that waits and is due, or whose holder's lease is over: Over, NotYet or a claim.

    The attempt is counted here: a killed process counts nothing afterwards. `values` are set, too.
    """
    fence = os.urandom(8).hex()
    states = {f"waiting_{index}": each for index, each in enumerate(sorted(waiting))}
    named = ", ".join(f":{name}" for name in states)
    try:
        row = store.update(
            table,
            key,
            "SET #status = :running, #fence = :fence, #lease_ends_at = :lease_ends_at,"
            f" #started_at = :now, #attempts = #attempts + :one{_more(values)}",
            when=f"(#status IN ({named}) AND #due_at <= :now)"
            " OR (#status = :running AND #lease_ends_at < :now)",
            values={
                "running": RUNNING,
                "fence": fence,
                "now": clock.rfc3339(now),
                "lease_ends_at": clock.rfc3339(now + lease),
                "one": 1,
                **states,
                **_new(values),
            },
        )
    except store.ConditionFailed as refused:
        raise refusal(refused.item, waiting, now) from None
    return Claim(table, key, row, fence)


def refusal(row: store.Item, waiting: Collection[str], now: datetime) -> NotYet | Over:
    """Say why a row, as it was met, is not to be had."""
    status = row.get("status", "absent")
    if status not in {RUNNING, *waiting}:
        return Over(status)
    free_at = clock.parse(row["lease_ends_at" if status == RUNNING else "due_at"])
    return NotYet(status, after=max(0.0, (free_at - now).total_seconds()))


def renew(held: Claim, *, now: datetime, lease: timedelta, **values: Any) -> Claim:
    """Hold on for another lease and set `values`; the row shows what others wrote meanwhile."""
    values["lease_ends_at"] = clock.rfc3339(now + lease)
    with _holding(held):
        row = store.update(
            held.table, held.key, _set(values), when=_HOLDING, values=_of(held, values)
        )
    return Claim(held.table, held.key, row, held.fence)


def end(held: Claim, status: str, **values: Any) -> None:
    """Give the row its next state and set `values`; Lost if another worker has it by now."""
    values["status"] = status
    change = _set(values) + _LEAVING
    with _holding(held):
        store.change(held.table, held.key, change, when=_HOLDING, values=_of(held, values))


def ending(held: Claim, status: str, **values: Any) -> store.Write:
    """End a claim as part of a transaction; its condition fails where another worker has it."""
    values["status"] = status
    change = _set(values) + _LEAVING
    return store.updating(held.table, held.key, change, when=_HOLDING, values=_of(held, values))


@contextlib.contextmanager
def _holding(held: Claim) -> Iterator[None]:
    try:
        yield
    except store.ConditionFailed:
        raise Lost(str(held.key)) from None


def _set(values: dict[str, Any]) -> str:
    return f"SET {_more(values).removeprefix(', ')}"


def _of(held: Claim, values: dict[str, Any]) -> store.Item:
    return {"running": RUNNING, "fence": held.fence, **_new(values)}


def _more(values: dict[str, Any]) -> str:
    return "".join(f", #{name} = :new_{name}" for name in values)


def _new(values: dict[str, Any]) -> dict[str, Any]:
    return {f"new_{name}": value for name, value in values.items()}
