"""Take an export a step on: read on in a segment, put the file together, or clear up."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from batch_processing import files, jobs, steps
from batch_processing.exporting import export_file, exports
from batch_processing.exporting.segment_reader import Reader
from interchange import clock, config
from interchange.observability import bind, count, logger
from interchange.records import Message, Retry, each_message
from interchange.store import Item

_SHARE = 0.5  # of the time: what is begun before it ends is to end before the time does


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    exports_table: str
    exports_bucket: str
    users_table: str
    page_rows: int
    file_bytes: int
    receives: int


settings = config.reader(Settings)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Take the step that each message names; a step that is past is left alone."""
    seconds = context.get_remaining_time_in_millis() / 1000
    ends_at = time.monotonic() + _SHARE * seconds
    return each_message(
        lambda message: _step(message, lambda: time.monotonic() >= ends_at, seconds)
    )(event, context)


def _step(message: Message, is_late: Callable[[], bool], seconds: float) -> None:
    table, job_id, part = settings().exports_table, message.body["job_id"], message.body["part"]
    bind(job_id=job_id, part=part)
    due = ("running", "finishing", *jobs.ENDED)
    held = steps.begin(table, job_id, message.body["step"], part=part, during=due)
    job = held if part == "job" else jobs.get(table, job_id)
    if held is None or job is None:
        logger.info("Step is past", step=message.body["step"])
    elif job["status"] in jobs.ENDED:
        _clear(job)
    elif held["attempts"] >= settings().receives - 1:
        _fail(job)
    elif job["status"] == "finishing":
        _finish(job, is_late)
    elif not _read(job, held, is_late):
        # Not before the other's time is over: they would fence one another, again and again.
        raise Retry("another worker has the segment", after=seconds)


def _read(job: Item, segment: Item, is_late: Callable[[], bool]) -> bool:
    """Read on in a segment; False where another worker has it by now."""
    given = settings()
    reader = Reader(
        given.exports_table,
        given.exports_bucket,
        given.users_table,
        page_rows=given.page_rows,
        file_bytes=given.file_bytes,
        is_late=is_late,
    )
    found = reader.read(job, segment)
    if found is not None:
        count("UserExported", found["exported"] - segment["exported"])
        logger.info("Segment read on", rows=found["rows"], exported=found["exported"])
    _clear_if_ended(job)
    return found is not None


def _finish(job: Item, is_late: Callable[[], bool]) -> None:
    """Put the file together and end the job."""
    table, bucket = settings().exports_table, settings().exports_bucket
    found = export_file.pieces(table, job)
    try:
        progress = export_file.join(bucket, job, found, is_late=is_late)
    except ClientError:
        if not _clear_if_ended(job):  # which deletes the pieces while they are put together
            raise
        return
    if progress is None:
        totals = exports.counts(list(jobs.parts(table, job["job_id"], "segment")))
        size = sum(each["bytes"] for each in found)
        exports.complete(table, job, totals=totals, size=size, now=clock.now())
        logger.info("Export put together", pieces=len(found), **totals)
    else:
        steps.hand_over(table, job, kept="finish", progress=progress)
        logger.info("Finishing goes on", pieces=progress["next"])
    _clear_if_ended(job)


def _fail(job: Item) -> None:
    exports.fail(settings().exports_table, job["job_id"], now=clock.now())
    count("ExportFailed")
    logger.warning("Export failed", code="export_failed")


def _clear(job: Item) -> None:
    """Delete what a job that has ended does not need: of one that has failed, everything."""
    is_completed = job["status"] == "completed"
    folder = exports.parts_folder if is_completed else exports.folder
    deleted = files.delete_all(settings().exports_bucket, folder(job["job_id"]))
    logger.info("Export cleared", job_status=job["status"], files=deleted)


def _clear_if_ended(job: Item) -> bool:
    """Clear up after oneself where the job was ended meanwhile: its own clearing may be over."""
    found = jobs.get(settings().exports_table, job["job_id"])
    if found is None or found["status"] not in jobs.ENDED - {"completed"}:
        return False
    _clear(found)
    return True
