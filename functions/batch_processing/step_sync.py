"""Take a synchronisation a step on: read the feed, write what it says, delete what it lacks."""

import time
from dataclasses import dataclass
from typing import Any

from batch_processing.syncing import configuration, runs, turns
from batch_processing.syncing.feeds import Feed, FeedFailed
from batch_processing.syncing.steps import Means, Step
from interchange import clock, config
from interchange.observability import bind, count, logger
from interchange.records import Message, Retry, each_message
from interchange.store import Item

FETCHES = 3  # a server that fails for longer has the next run

_SHARE = 0.5  # of the time: what is begun before it ends is to end before the time does


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    syncs_table: str
    products_table: str
    imports_bucket: str
    feed_shrink_limit_percent: int
    allow_local_targets: str
    receives: int


settings = config.reader(Settings)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Take the step that each message names; a step that is past is left alone."""
    means = _means(_SHARE * context.get_remaining_time_in_millis() / 1000)
    return each_message(lambda message: _step(message, means))(event, context)


def _means(seconds: float) -> Means:
    ends_at, given = time.monotonic() + seconds, settings()
    return Means(
        syncs_table=given.syncs_table,
        products_table=given.products_table,
        bucket=given.imports_bucket,
        shrink_limit=given.feed_shrink_limit_percent,
        allow_local=given.allow_local_targets == "true",
        seconds=seconds,
        left=lambda: ends_at - time.monotonic(),
    )


def _step(message: Message, means: Means) -> None:
    bind(job_id=message.body["job_id"])
    job_id, step = message.body["job_id"], message.body["step"]
    job = runs.claim(settings().syncs_table, job_id, step, now=clock.now())
    if job is None:
        logger.info("Step is past", step=step)
        return
    try:
        _take(job, means)
    except runs.Lost:
        logger.info("Step was lost to another worker, or the run was cancelled")


def _take(job: Item, means: Means) -> None:
    try:
        Step(means, _feed_of(job), job).take()
    except FeedFailed as fault:
        if fault.again and job["attempts"] < FETCHES:
            raise Retry(fault.code, after=fault.after) from fault
        _fail(job, fault)


def _feed_of(job: Item) -> Feed:
    """Give the feed of a run; FeedFailed where it is another by now, or the step is given up."""
    feed = configuration.feed()
    if job["attempts"] >= settings().receives - 1:
        raise FeedFailed("sync_failed", "A step of the run failed in several tries.")
    if feed is None or feed.digest != job["feed"]:
        raise FeedFailed("feed_changed", "Another feed, or none, has been configured since.")
    return feed


def _fail(job: Item, fault: FeedFailed) -> None:
    """End the run; before it has written anything, what was learnt of the feed still holds."""
    known = job["known"] if job["phase"] == "snapshot" else {}
    error = {"code": fault.code, "detail": fault.detail}
    turns.end(settings().syncs_table, job, "failed", now=clock.now(), learnt=known, error=error)
    count("SyncFailed")
    logger.warning("Synchronisation failed", code=fault.code)
