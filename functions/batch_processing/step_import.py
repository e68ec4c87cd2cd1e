"""Take an import a step on: plan its file, or put its results together, in the time there is."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from batch_processing import jobs, steps
from batch_processing.formats.planning import Unplannable
from batch_processing.importing import left_rows
from batch_processing.importing.planner import Planner
from batch_processing.importing.result_files import Gatherer
from interchange import clock, config
from interchange.observability import bind, count, logger
from interchange.records import Message, each_message
from interchange.store import Item

_SHARE = 0.5  # of the time: what is begun before it ends is to end before the time does
_WITH_STEPS = ("planning", "cancelling", "finishing")


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    imports_table: str
    imports_bucket: str
    chunk_bytes: int
    receives: int


settings = config.reader(Settings)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Take the step that each message names; a step that is past is left alone."""
    ends_at = time.monotonic() + _SHARE * context.get_remaining_time_in_millis() / 1000
    return each_message(lambda message: _step(message, lambda: time.monotonic() >= ends_at))(
        event, context
    )


def _step(message: Message, is_late: Callable[[], bool]) -> None:
    bind(job_id=message.body["job_id"])
    table, job_id = settings().imports_table, message.body["job_id"]
    job = steps.begin(table, job_id, message.body["step"], during=_WITH_STEPS)
    if job is None:
        logger.info("Step is past", step=message.body["step"])
    elif job["attempts"] >= settings().receives - 1:  # before SQS gives its message up
        _give_up(job)
    elif job["status"] == "finishing":
        _finish(job, is_late)
    else:
        _plan(job, is_late)


def _give_up(job: Item) -> None:
    """End a job of which a step kills or fails whoever takes it."""
    if job["status"] == "finishing":
        _end_without_results(job)
    else:
        _fail(job, Unplannable("planning_failed", "The file could not be read in several tries."))


def _plan(job: Item, is_late: Callable[[], bool]) -> None:
    """Cut the file into chunks; they are worked off once all of it is seen to be sound."""
    table, bucket = settings().imports_table, settings().imports_bucket
    try:
        planner = Planner(table, bucket, job, smallest=settings().chunk_bytes)
        plan, is_whole = planner.plan(is_late=is_late)
    except Unplannable as fault:
        _fail(job, fault)
        return
    if not is_whole:
        steps.hand_over(table, job, kept="plan", progress=plan)
        logger.info("Planning goes on", chunks=plan.get("chunks", 0))
        return
    found = {"chunks": plan["chunks"], "rows": plan["at"]["row"] - 1}
    steps.end_planning(table, job, plan, **found, now=clock.now())
    logger.info("Import planned", **found)


def _fail(job: Item, fault: Unplannable) -> None:
    said = {"code": fault.code, "detail": fault.detail}
    steps.fail(settings().imports_table, job, **said, now=clock.now())
    count("ImportFailed")
    logger.warning("Import failed", code=fault.code)


def _finish(job: Item, is_late: Callable[[], bool]) -> None:
    """Write the result files and end the job."""
    table = settings().imports_table
    gatherer = Gatherer(
        table,
        settings().imports_bucket,
        job,
        patience=settings().receives - 2,  # the try before the last
        is_late=is_late,
    )
    totals = gatherer.gather()
    if totals is None:
        steps.hand_over(table, job, kept="finish", progress=gatherer.progress())
        logger.info("Finishing goes on")
        return
    _end(job, totals, gatherer.error())


def _end_without_results(job: Item) -> None:
    detail = "The result files could not be put together in several tries; the counts are near."
    error = {"code": jobs.RESULTS_FAILED, "detail": detail}
    _end(job, left_rows.totals(settings().imports_table, job), error)


def _end(job: Item, totals: Item, error: Item | None) -> None:
    table, now = settings().imports_table, clock.now()
    status = steps.end(table, job, totals=totals, error=error, now=now)
    count("ImportEnded")
    logger.info("Import ended", job_status=status, code=(error or {}).get("code"), **totals)
