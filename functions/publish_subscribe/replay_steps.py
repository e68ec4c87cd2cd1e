"""The steps of a replay: the row's step number is the fence, so each counts once.

A step sends at most a second's worth of events, then moves the row on by one conditional update,
which the stream turns into the next step's message. A step that is done twice, by a duplicate or
after a death, repeats its events, which consumers know by their ids.
"""

import contextlib
import math
from datetime import datetime, timedelta

from interchange import clock, store
from interchange.records import Retry
from interchange.store import Item
from interchange.windows import Window
from publish_subscribe.event_log import Rows, Wanted
from publish_subscribe.replays import ALIVE, IS_ALIVE

ATTEMPTS = 5  # of a step: then the replay has failed, and says so

_MINE = f"#step = :step AND {IS_ALIVE}"
_ADVANCE = (
    "SET #status = :status, #step = :next, #due_at = :due_at, #after = :after,"
    " #started_at = if_not_exists(#started_at, :now)"
)
_COUNT = "#scanned = :scanned, #sent = :sent, #position = :position"


def due(table: str, replay_id: str, step: int, *, now: datetime) -> Item | None:
    """Give the replay whose step is due; None where it is over, Retry where it is early."""
    replay = store.get(table, {"id": replay_id})
    if replay is None or replay["status"] not in ALIVE or replay["step"] != step:
        return None
    early = (clock.parse(replay["due_at"]) - now).total_seconds()
    if early > 0:
        raise Retry("the step is early", after=math.ceil(early))
    return replay


def wanted(replay: Item) -> Wanted:
    """Give what the replay sends."""
    window = Window(replay["from"], replay["to"])
    return Wanted(replay["topic"], window, replay.get("type"))


def advance(table: str, replay: Item, rows: Rows, *, now: datetime) -> str | None:
    """Commit a step that began `now`; give the state after it, None where it was not ours to end.

    What went out while the replay was cancelled is counted all the same.
    """
    progress = _progress(replay, rows)
    status = "completed" if rows.last_key is None else "running"
    pace = timedelta(seconds=len(rows.found) / replay["events_per_second"])
    values = progress | {
        "status": status,
        "next": replay["step"] + 1,
        "due_at": clock.rfc3339(now + pace),
        "after": rows.last_key or {},
        "now": clock.rfc3339(now),
    }
    ended = ", #ended_at = :now" if status == "completed" else ""
    try:
        _update(table, replay, f"{_ADVANCE}, {_COUNT}{ended}", _MINE, values | ALIVE)
    except store.ConditionFailed as met:
        if met.item.get("status") == "cancelled":
            _count_cancelled(table, replay, progress)
        return None
    return status


def _progress(replay: Item, rows: Rows) -> Item:
    """Count what a step did; `position` is the time of recording that the replay has come to."""
    come_to = replay["to"] if rows.last_key is None else rows.last_key["position"]
    return {
        "scanned": replay["scanned"] + rows.scanned,
        "sent": replay["sent"] + len(rows.found),
        "position": come_to.partition("#")[0],
    }


def _count_cancelled(table: str, replay: Item, progress: Item) -> None:
    values = progress | {"cancelled": "cancelled"}
    with contextlib.suppress(store.ConditionFailed):  # a duplicate of an earlier step
        _update(table, replay, f"SET {_COUNT}", "#step = :step AND #status = :cancelled", values)


def fail(table: str, replay: Item, *, code: str, detail: str, now: datetime) -> bool:
    """End a replay whose step cannot be done; False where it has moved on after all."""
    error = {"code": code, "detail": detail}
    values: Item = {"failed": "failed", "now": clock.rfc3339(now), "error": error}
    change = "SET #status = :failed, #ended_at = :now, #error = :error"
    try:
        _update(table, replay, change, _MINE, values | ALIVE)
    except store.ConditionFailed:
        return False
    return True


def _update(table: str, replay: Item, change: str, when: str, values: Item) -> None:
    step = {"step": replay["step"]}
    store.update(table, {"id": replay["id"]}, change, when=when, values=values | step)
