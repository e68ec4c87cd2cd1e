"""Move imports on: the imports table is the outbox, its stream sends chunks and ends jobs."""

import json
from dataclasses import dataclass

from batch_processing import jobs
from interchange import clock, config, messages
from interchange.messages import Message
from interchange.observability import count, logger
from interchange.records import Change, from_stream


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    imports_table: str
    chunks_queue_url: str


settings = config.reader(Settings)


@from_stream
def handler(changes: list[Change]) -> None:
    """Send what is pending; where a chunk or the plan is done, see whether its job is."""
    pending = [change for change in changes if change.new["status"] == "pending"]
    advanced = {change.new["job_id"] for change in changes if change.new["status"] != "pending"}
    messages.send(settings().chunks_queue_url, map(_message, pending))
    for job_id in advanced:
        _finish(job_id)


def _finish(job_id: str) -> None:
    status = jobs.finish(settings().imports_table, job_id, now=clock.now())
    if status:
        count("ImportCompleted")
        logger.info("Import ended", job_id=job_id, job_status=status)


def _message(change: Change) -> Message:
    return Message(json.dumps({**change.key, **change.trace._asdict()}))
