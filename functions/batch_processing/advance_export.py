"""Move exports on: the exports table is the outbox, its stream sends steps and events."""

import json
from dataclasses import dataclass

from batch_processing import jobs
from batch_processing.exporting import exports
from interchange import config, ids, messages, publishing, trace
from interchange.envelope import Event
from interchange.messages import Message
from interchange.observability import count, logger
from interchange.store import Item
from interchange.streams import Change, from_stream

COMPLETED = "users.export.completed"


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    exports_table: str
    export_steps_queue_url: str


settings = config.reader(Settings)


@from_stream
def handler(changes: list[Change]) -> None:
    """Send the steps that are due, finish jobs whose last segment is read, tell of ends."""
    due = [each.new for each in changes if each.new["step"] and _differ(each, "step")]
    messages.send(settings().export_steps_queue_url, map(_message, due))
    done = [each.new["job_id"] for each in changes if each.new["status"] == "done"]
    for job_id in dict.fromkeys(done):
        _settle(job_id)
    ended = [each.new for each in changes if _has_ended(each)]
    publishing.publish([_event(job) for job in ended])


def _differ(change: Change, name: str) -> bool:
    return bool(change.new[name] != change.old.get(name))


def _has_ended(change: Change) -> bool:
    return change.new["status"] in jobs.ENDED and _differ(change, "status")


def _message(row: Item) -> Message:
    body = {name: row[name] for name in ("job_id", "part", "step")}
    return Message(json.dumps(body | trace.of(row)._asdict()))


def _settle(job_id: str) -> None:
    """Have the file put together once all segments are read."""
    table = settings().exports_table
    found = list(jobs.parts(table, job_id, "segment"))
    if all(each["status"] == "done" for each in found) and exports.finishing(table, job_id):
        logger.info("Export read", segments=len(found))


def _event(job: Item) -> Event:
    """Tell that a job has come to an end; a second try has the same id."""
    count("ExportCompleted")
    return Event(
        id=ids.derived("evt", COMPLETED, job["job_id"]),
        source="/api/users/exports",
        type=COMPLETED,
        topic="user-events",
        subject=job["job_id"],
        time=job["ended_at"],
        data={
            "id": job["job_id"],
            "status": job["status"],
            "counts": job.get("counts") or exports.counts([]),
        },
        trace=trace.of(job),
    )
