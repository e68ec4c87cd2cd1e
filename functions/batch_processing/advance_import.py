"""Move imports on: the imports table is the outbox, its stream sends chunks and ends jobs."""

import json
from dataclasses import dataclass

from batch_processing import jobs
from interchange import aws, clock, config, messages
from interchange.messages import Message
from interchange.observability import count, logger
from interchange.streams import Change, from_stream


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    imports_table: str
    chunks_queue_url: str
    imports_bucket: str


settings = config.reader(Settings)

_ADVANCED = frozenset({"done", "running"})


@from_stream
def handler(changes: list[Change]) -> None:
    """Send what is pending, end jobs whose last chunk is done, delete the files of ended ones."""
    pending = [change for change in changes if change.new["status"] == "pending"]
    messages.send(settings().chunks_queue_url, map(_message, pending))
    for job_id in {each.new["job_id"] for each in changes if each.new["status"] in _ADVANCED}:
        _finish(job_id)
    for job_id in {each.new["job_id"] for each in changes if each.new["status"] in jobs.ENDED}:
        _forget_file(job_id)


def _finish(job_id: str) -> None:
    status = jobs.finish(settings().imports_table, job_id, now=clock.now())
    if status:
        count("ImportCompleted")
        logger.info("Import ended", job_id=job_id, job_status=status)


def _forget_file(job_id: str) -> None:
    """Delete what was uploaded: it is personal data, and the job needs it no more."""
    aws.s3().delete_object(Bucket=settings().imports_bucket, Key=jobs.file(job_id))


def _message(change: Change) -> Message:
    return Message(json.dumps({**change.key, **change.trace._asdict()}))
