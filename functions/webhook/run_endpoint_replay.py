"""Carry a replay one step on: a page of deliveries made due, then the job's row, and so on.

A step that comes twice, or dies halfway, meets deliveries that carry the job's id: they count once.
"""

from dataclasses import dataclass

from interchange import clock, config, store
from interchange.observability import bind, logger
from interchange.records import Message, each_message
from interchange.store import Item
from webhook import deliveries, replays

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
    replayed = sum(_replay(each, job) for each in page.items)
    _advance(job, page, replayed)
    logger.info("Replay advanced", seen=len(page.items), replayed=replayed)


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
    """Make a delivery due with a whole table of attempts; tell whether this job did it."""
    now = clock.now()
    try:
        deliveries.due_again(
            settings().deliveries_table,
            row["id"],
            job["statuses"],
            unless=job["id"],
            now=now,
            replayed_by=job["id"],
            first_due_at=clock.rfc3339(now),
            failures=0,
            manual=None,
            resume_at=None,
        )
    except store.ConditionFailed as refused:
        return bool(refused.item.get("replayed_by") == job["id"])
    return True


def _advance(job: Item, page: store.Page, replayed: int) -> None:
    """Move the job's row on, unless another worker has done this step."""
    progress = {
        "seen": job["progress"]["seen"] + len(page.items),
        "replayed": job["progress"]["replayed"] + replayed,
    }
    ended = {"status": replays.COMPLETED, "ended_at": clock.rfc3339(clock.now())}
    values: Item = {"cursor": page.last_key, "progress": progress}
    values |= {} if page.last_key else ended
    change = ", ".join(f"#{name} = :{name}" for name in values)
    try:
        store.update(
            settings().deliveries_table,
            replays.key(job["id"]),
            f"SET {change}",
            when="#version = :seen_version",
            values=values | {"seen_version": job["version"]},
        )
    except store.ConditionFailed:
        logger.info("Step was done by another")
