"""Start a synchronisation by the schedule; two ticks at once start one, and a stuck one goes on."""

from dataclasses import dataclass
from typing import Any

from batch_processing.syncing import configuration, runs, turns
from batch_processing.syncing.feeds import Feed
from interchange import clock, config, ids, observability, trace
from interchange.observability import count, logger
from interchange.store import Item


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    syncs_table: str
    retention_days: int


settings = config.reader(Settings)


def handler(event: dict[str, Any], context: Any) -> None:
    """Begin a run, unless there is no feed or a run is under way."""
    observability.begin()
    feed = configuration.feed()
    if feed is None:
        logger.info("No feed is configured")
    else:
        _begin(_job(feed))
    observability.flush()


def _begin(job: Item) -> None:
    table = settings().syncs_table
    try:
        turns.begin(table, job)
        count("SyncStarted")
        logger.info("Synchronisation started", job_id=job["job_id"])
    except turns.Busy as busy:
        revived = turns.revive(table, busy.job_id, now=clock.now())
        logger.info("A synchronisation is under way", job_id=busy.job_id, revived=bool(revived))


def _job(feed: Feed) -> Item:
    job_id = ids.new("job")
    return runs.new(
        job_id,
        feed,
        trigger="schedule",
        asked={"allow_shrink": False, "from_start": False},
        now=clock.now(),
        days=settings().retention_days,
        trace=trace.from_headers({}, request_id=job_id),
    )
