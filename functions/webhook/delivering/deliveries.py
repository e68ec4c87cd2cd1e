"""Deliveries: a row for each event and endpoint, beside it its attempts.

pending ──claim──▶ running ──▶ delivered
   ▲                 │  ├────▶ retry_wait ──claim, once due──▶ running
   │                 │  ├────▶ exhausted    (the table of attempts has ended, or 410)
   └─ over a limit ──┘  └────▶ skipped      (endpoint disabled, event erased or expired)
   └────── a retry or a replay, from any state at rest ──────┘

In a lane (`lanes`): queued ──the one before it has ended──▶ pending
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from interchange import clock, ids, store
from interchange.claims import Claim
from interchange.envelope import Event
from interchange.errors import NotFound
from interchange.store import Item
from webhook.delivering.outcomes import Outcome

PART = "delivery"
PENDING, RETRY_WAIT, DELIVERED = "pending", "retry_wait", "delivered"
EXHAUSTED, SKIPPED, QUEUED = "exhausted", "skipped", "queued"
WAITING = (PENDING, RETRY_WAIT)
ENDED = (DELIVERED, EXHAUSTED, SKIPPED)
STATUSES = ("queued", "pending", "running", "retry_wait", "delivered", "exhausted", "skipped")

_SHOWN = (
    *("id", "endpoint_id", "event_id", "event_type", "topic", "status", "reason", "attempts"),
    *("last_error", "created_at", "due_at", "ended_at", "version"),
)
_OF_ATTEMPT = ("number", "at", "millis", "status_code", "error_class", "detail", "manual")
_A_TRANSACTION = 100
_NOT_BEFORE = "(attribute_not_exists(#replayed_by) OR #replayed_by <> :unless)"


def key(delivery_id: str) -> Item:
    """Give a delivery's key."""
    return {"id": delivery_id, "part": PART}


def row(event: Event, endpoint: Item, *, kept_as: str, now: datetime, expires_epoch: int) -> Item:
    """Make the row of a delivery that is due now, or of one that a disabled endpoint misses."""
    at = clock.rfc3339(now)
    skipped = {"status": SKIPPED, "reason": "endpoint_disabled", "ended_at": at}
    return {
        **key(ids.derived("dlv", kept_as, endpoint["id"])),
        "endpoint_id": endpoint["id"],
        "event_id": event.log_id,
        "kept_as": kept_as,
        "event_type": event.type,
        "topic": event.topic,
        "status": PENDING,
        **(skipped if endpoint["status"] != "active" else {}),
        "attempts": 0,
        "failures": 0,
        "due_at": at,
        "first_due_at": at,
        "created_at": at,
        "expires_epoch": expires_epoch,
        "version": 1,
        **event.trace._asdict(),
    }


def add(table: str, rows: Sequence[Item]) -> int:
    """Write the rows that are not there yet, a hundred a call; return how many that were."""
    added = 0
    for start in range(0, len(rows), _A_TRANSACTION):
        added += _add(table, rows[start : start + _A_TRANSACTION])
    return added


def _add(table: str, rows: Sequence[Item]) -> int:
    try:
        store.transact([store.putting_new(table, each) for each in rows])
    except store.TransactionRefused as refused:
        new = [each for each, met in zip(rows, refused.writes, strict=True) if not met.failed]
        if len(new) == len(rows):
            raise  # others are at these rows: the message comes back
        return _add(table, new) if new else 0
    return len(rows)


def get(table: str, delivery_id: str) -> list[Item]:
    """Read a delivery and its attempts, the delivery first; NotFound where there is none."""
    found = list(store.query(table, "#id = :id", {"id": delivery_id}))
    whole = [each for each in found if each["part"] == PART]
    if not whole:
        raise not_found()
    return [*whole, *(each for each in found if each["part"] != PART)]


def not_found() -> NotFound:
    """Say that there is no such delivery."""
    return NotFound("No delivery has this id.", code="delivery_not_found")


def keep_attempt(held: Claim, outcome: Outcome, *, now: datetime) -> None:
    """Keep what an attempt met: its number is the claim's own, so nobody else writes it."""
    found = {
        "status_code": outcome.status_code,
        "error_class": outcome.error_class,
        "detail": outcome.detail,
        "manual": held.row.get("manual"),
    }
    attempt = {
        "id": held.row["id"],
        "part": f"attempt#{held.row['attempts']:06}",
        "number": held.row["attempts"],
        "at": clock.rfc3339(now),
        "millis": outcome.millis,
        **{name: value for name, value in found.items() if value is not None},
        "response": outcome.response,
        "expires_epoch": held.row["expires_epoch"],
        "version": 1,
    }
    store.put_new(held.table, attempt)


def due_again(
    table: str,
    delivery_id: str,
    states: Sequence[str],
    *,
    now: datetime,
    unless: str = "",
    **marks: Any,
) -> Item:
    """Make a delivery in one of `states` due now, unless this job did; else ConditionFailed."""
    change, when, values = _again(states, now=now, unless=unless, status=PENDING, **marks)
    return store.update(table, key(delivery_id), change, when=when, values=values)


def beginning_again(
    table: str,
    delivery_id: str,
    states: Sequence[str],
    *,
    now: datetime,
    unless: str,
    **marks: Any,
) -> store.Write:
    """Let a delivery begin again in the state that `marks` say, as part of a transaction."""
    change, when, values = _again(states, now=now, unless=unless, **marks)
    return store.updating(table, key(delivery_id), change, when=when, values=values)


def _again(
    states: Sequence[str], *, now: datetime, unless: str, **marks: Any
) -> tuple[str, str, Item]:
    named = {f"state{index}": each for index, each in enumerate(states)}
    changes = "".join(f", #{name} = :{name}" for name in marks)
    return (
        f"SET #due_at = :now{changes} REMOVE #ended_at, #reason, #slot_at, #waits",
        f"#status IN ({', '.join(f':{name}' for name in named)}) AND {_NOT_BEFORE}",
        {"now": clock.rfc3339(now), "unless": unless, **named, **marks},
    )


def erase(table: str, id: str) -> None:
    """Delete a delivery after its attempts, a lane after its places: an index leads to the last."""
    rows = store.query(table, "#id = :id", {"id": id})
    for each in sorted(rows, key=lambda row: "endpoint_id" in row):
        store.discard(table, {"id": id, "part": each["part"]})


def representation(row: Item) -> dict[str, Any]:
    """Show a delivery."""
    return {name: row[name] for name in _SHOWN if name in row}


def attempts(rows: Sequence[Item]) -> Iterator[dict[str, Any]]:
    """Show attempts, the response as text."""
    for each in rows:
        shown = {name: each[name] for name in _OF_ATTEMPT if name in each}
        yield shown | {"response": each["response"].decode(errors="replace")}
