"""Carry a replay one step on: a page of deliveries made due, then the job's row, and so on.

A step that comes twice, or dies halfway, meets deliveries that carry the job's id: they count once.
Those of a lane go to its end, in the order in which they were accepted.
"""

from dataclasses import dataclass

from interchange import clock, config, store
from interchange.observability import bind, logger
from interchange.records import Message, each_message
from interchange.store import Item
from webhook.delivering import deliveries, event_rows, lanes, replays, retries

_A_STEP = 100


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    deliveries_table: str
    deliveries_by_endpoint_index: str


settings = config.reader(Settings)


@each_message
def handler(message: Message) -> None:
    """Do the step that the job's row is at, if it still runs."""
    bind(replay_id=message.body["id"])
    job = store.get(settings().deliveries_table, replays.key(message.body["id"]))
    if job is None or job["status"] != replays.RUNNING:
        logger.info("Replay has ended")
        return
    page = _page(job)
    seen = [each for each in page.items if each["part"] == deliveries.PART]  # lanes are there, too
    replayed = sum(_replay(each, job) for each in seen)
    _advance(job, page.last_key, seen=len(seen), replayed=replayed)
    logger.info("Replay advanced", seen=len(seen), replayed=replayed)


def _page(job: Item) -> store.Page:
    return store.index_page(
        settings().deliveries_table,
        settings().deliveries_by_endpoint_index,
        "#endpoint_id = :endpoint_id AND #created_at BETWEEN :since AND :until",
        {"endpoint_id": job["of_endpoint"], "since": job["since"], "until": job["until"]},
        size=_A_STEP,
        after=job["cursor"],
    )


def _replay(row: Item, job: Item) -> bool:
    """Make a delivery due, and keep its event for as long; tell whether this job did it."""
    marks = _marks(row, job)
    done = _enter(row, job, marks) if lanes.is_laned(row) else _begin(row, job, marks)
    if done:
        event_rows.prolong(_table(), row, until=marks["expires_epoch"])
    return done


def _enter(row: Item, job: Item, marks: Item) -> bool:
    met = lanes.enter(_table(), [row | marks], lambda entered: _beginning(entered, job, marks))
    return all(each.get("replayed_by") == job["id"] for each in met)


def _begin(row: Item, job: Item, marks: Item) -> bool:
    states, id = job["statuses"], job["id"]
    try:
        deliveries.due_again(_table(), row["id"], states, now=clock.now(), unless=id, **marks)
    except store.ConditionFailed as refused:
        return bool(refused.item.get("replayed_by") == id)
    return True


def _marks(row: Item, job: Item) -> Item:
    """Say what is otherwise from now on: a whole table of attempts, and life until its last."""
    now = clock.now()
    return {
        "replayed_by": job["id"],
        "first_due_at": clock.rfc3339(now),
        "failures": 0,
        "manual": None,
        "resume_at": None,
        "expires_epoch": max(row["expires_epoch"], retries.outlived(now)),
    }


def _beginning(entered: Item, job: Item, marks: Item) -> store.Write:
    """Begin a delivery again in the place that its lane gave it."""
    placed = {name: entered[name] for name in ("status", "place")}
    return deliveries.beginning_again(
        _table(),
        entered["id"],
        job["statuses"],
        now=clock.now(),
        unless=job["id"],
        **marks | placed,
    )


def _table() -> str:
    return settings().deliveries_table


def _advance(job: Item, cursor: Item | None, *, seen: int, replayed: int) -> None:
    """Move the job's row on, unless another worker has done this step."""
    progress = {
        "seen": job["progress"]["seen"] + seen,
        "replayed": job["progress"]["replayed"] + replayed,
    }
    ended = {"status": replays.COMPLETED, "ended_at": clock.rfc3339(clock.now())}
    values: Item = {"cursor": cursor, "progress": progress}
    values |= {} if cursor else ended
    try:
        store.update(
            settings().deliveries_table,
            replays.key(job["id"]),
            store.setting(values),
            when="#version = :seen_version",
            values=values | {"seen_version": job["version"]},
        )
    except store.ConditionFailed:
        logger.info("Step was done by another")
