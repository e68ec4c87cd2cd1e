"""Runs take turns: the feed's row says which one is under way, and what earlier ones have learnt.

Each change is one transaction of the run's row and the feed's.
"""

from datetime import datetime, timedelta
from typing import Any

from batch_processing.syncing import runs
from interchange import clock, store
from interchange.store import Item

FEED = runs.key("feed", "state")
STUCK = timedelta(hours=1)  # without a sign of life: its message is lost, or in the dead letters

_LEARNT = ("etag", "last_modified", "cursor", "rows")
_TRIES = 5


class Busy(Exception):
    """Another run is under way; `job_id` says which."""

    def __init__(self, job_id: str) -> None:
        super().__init__(job_id)
        self.job_id = job_id


def begin(table: str, job: Item) -> None:
    """Begin a run, the only one; Busy where another is under way. Twice is as once.

    From here on the feed's ETag is the run's to give back: what it is about to write, it describes
    no more.
    """
    for _ in range(_TRIES):
        state = store.get(table, FEED) or {}
        if "running" in state:
            break
        if _begun(table, job | {"known": _known(job, state)}, state):
            return
    if runs.get(table, job["job_id"]) is None:  # else this very request made it, and died then
        raise Busy(state.get("running", ""))


def _begun(table: str, job: Item, state: Item) -> bool:
    seen = {"version": state["version"]} if state else {}
    when = "#version = :version AND attribute_not_exists(#running)"
    taking = store.updating(
        table,
        FEED,
        "SET #running = :job_id REMOVE #etag, #last_modified",
        when=when if state else "attribute_not_exists(#job_id)",
        values={"job_id": job["job_id"], **seen},
    )
    try:
        store.transact([store.putting_new(table, job, key="job_id"), taking])
    except store.TransactionRefused:
        return False
    return True


def _known(job: Item, state: Item) -> Item:
    """Give what earlier runs have learnt of this very feed: ETag, cursor, rows."""
    if job["options"]["from_start"] or state.get("feed") != job["feed"]:
        return {}
    return {name: state[name] for name in _LEARNT if name in state}


def revive(table: str, job_id: str, *, now: datetime) -> Item | None:
    """Send a run's step anew that has shown no sign of life for long; None where it lives."""
    values = runs.ALIVE | {"long_ago": clock.rfc3339(now - STUCK), "now": clock.rfc3339(now)}
    change = "SET #step = #step + :one, #attempts = :none, #moved_at = :now"
    when = f"#moved_at < :long_ago AND {runs.IS_ALIVE}"
    return runs.changed(table, job_id, change, when=when, values=values | {"one": 1, "none": 0})


def end(
    table: str,
    job: Item,
    status: str,
    *,
    now: datetime,
    learnt: Item | None = None,
    error: Item | None = None,
    **about: Any,
) -> None:
    """End a run and free the feed for the next, with what is `learnt` of it: both or neither."""
    known = learnt and {"feed": job["feed"], **learnt}
    about |= {"ended_at": clock.rfc3339(now)} | ({"error": error} if error else {})
    named = "".join(f", #{name} = :{name}" for name in about)
    values = runs.held(job) | about | {"end": status}
    over = store.updating(
        table, runs.key(job["job_id"]), f"SET #status = :end{named}", when=runs.HELD, values=values
    )
    try:
        store.transact([over, _freeing(table, job["job_id"], known or {})])
    except store.TransactionRefused as refusal:
        if not refusal.writes[0].failed:
            raise
        raise runs.Lost(job["job_id"]) from None


def cancel(table: str, job_id: str, *, now: datetime) -> bool:
    """Stop a run where it is; False where it has ended."""
    values = runs.ALIVE | {"cancelled": "cancelled", "now": clock.rfc3339(now)}
    change = "SET #status = :cancelled, #ended_at = :now"
    over = store.updating(table, runs.key(job_id), change, when=runs.IS_ALIVE, values=values)
    try:
        store.transact([over, _freeing(table, job_id, {})])
    except store.TransactionRefused as refusal:
        if not refusal.writes[0].failed:
            raise
        return False
    return True


def _freeing(table: str, job_id: str, learnt: Item) -> store.Write:
    change = f"{store.setting(learnt)} REMOVE #running" if learnt else "REMOVE #running"
    values = {"job_id": job_id, **learnt}
    return store.updating(table, FEED, change, when="#running = :job_id", values=values)
