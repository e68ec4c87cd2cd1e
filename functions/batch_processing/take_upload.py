"""Start an import when its file has arrived: S3 says so at least once, for each job one time."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from batch_processing import jobs
from interchange import clock, config, observability, trace
from interchange.observability import count, logger

_KEY = re.compile(r"imports/(?P<job_id>job_[0-9a-f]{32})")


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    imports_table: str


settings = config.reader(Settings)


def handler(event: dict[str, Any], context: Any) -> None:
    """Let each file's job be planned; after a raise Lambda tries again, then files a failure."""
    observability.begin()
    for record in event.get("Records", []):  # S3 sends a test event without records when set up
        stored = record["s3"]["object"]
        _arrived(unquote_plus(stored["key"]), f'"{stored["eTag"]}"')
    logger.info("Files seen", files=len(event.get("Records", [])))
    observability.flush()


def _arrived(key: str, etag: str) -> None:
    """Keep the ETag of the job's first file: another one in its place is not what was sent."""
    found = _KEY.fullmatch(key)
    table = settings().imports_table
    job = jobs.arrived(table, found["job_id"], etag=etag, now=clock.now()) if found else None
    if job is None:
        logger.warning("File is of no import that waits for one", key=key)
        return
    observability.begin(correlation_id=trace.of(job).correlation_id, job_id=job["job_id"])
    count("ImportPlanned")
    logger.info("File has arrived")
