"""Plan an import when its file arrives: one pass over the bytes, a row per chunk."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from batch_processing import jobs, planning, rows
from interchange import aws, clock, config, observability, trace
from interchange.observability import count, logger
from interchange.store import Item

_KEY = re.compile(r"imports/(?P<job_id>[A-Za-z0-9_]{1,128})\.csv")


@dataclass(frozen=True)
class Settings:
    """What the template gives this function; the bucket's name comes with each event."""

    imports_table: str
    chunk_bytes: int


settings = config.reader(Settings)


def handler(event: dict[str, Any], context: Any) -> None:
    """Plan each file that arrived; after a raise Lambda tries again, then files a failure."""
    for record in event.get("Records", []):  # S3 sends a test event without records when set up
        stored = record["s3"]
        _arrived(stored["bucket"]["name"], unquote_plus(stored["object"]["key"]))
    observability.flush()


def _arrived(bucket: str, key: str) -> None:
    found = _KEY.fullmatch(key)
    job = jobs.start_planning(settings().imports_table, found["job_id"]) if found else None
    if job is None:
        logger.warning("File is of no import that waits for one", key=key)
        return
    observability.begin(correlation_id=trace.of(job).correlation_id, job_id=job["job_id"])
    try:
        chunks = _plan(job, bucket, key)
    except planning.Unplannable as fault:
        jobs.fail(
            settings().imports_table,
            job["job_id"],
            code=fault.code,
            detail=fault.detail,
            now=clock.now(),
        )
        count("ImportFailed")
        logger.warning("Import failed", code=fault.code)
        return
    jobs.start_running(settings().imports_table, job["job_id"], chunks=chunks, now=clock.now())
    logger.info("Import planned", chunks=chunks)


def _plan(job: Item, bucket: str, key: str) -> int:
    """Write a row per chunk, once all of the file is seen to be sound; return how many."""
    stored = aws.s3().get_object(Bucket=bucket, Key=key)
    found = list(planning.plan(_blocks(stored["Body"]), columns=rows.COLUMNS))
    (header,) = (each for each in found if not isinstance(each, planning.Chunk))
    chunks = [each for each in found if isinstance(each, planning.Chunk)]
    for index, chunk in enumerate(chunks, start=1):
        jobs.add_chunk(
            settings().imports_table, job, index, chunk, etag=stored["ETag"], header=header
        )
    return len(chunks)


def _blocks(body: Any) -> Iterator[bytes]:
    while block := body.read(settings().chunk_bytes):
        yield block
