"""Move imports on: the imports table is the outbox, its stream sends steps, chunks and events."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from batch_processing import files, jobs
from batch_processing.entities import ENTITIES
from batch_processing.importing import chunks
from interchange import config, ids, messages, publishing, trace
from interchange.envelope import Event
from interchange.messages import Message
from interchange.observability import count, logger
from interchange.store import Item
from interchange.streams import Change, from_stream


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    imports_table: str
    imports_bucket: str
    chunks_queue_url: str
    steps_queue_url: str


settings = config.reader(Settings)


@from_stream
def handler(changes: list[Change]) -> None:
    """Send what is due, finish jobs whose last chunk is settled, tell the end of each."""
    of_jobs = [change for change in changes if change.new["kind"] == "job"]
    due = [each.new for each in of_jobs if _differ(each, "step") and each.new["step"]]
    messages.send(settings().steps_queue_url, map(_step_message, due))
    for job in (each.new for each in of_jobs if _differ(each, "chunks", "round")):
        messages.send(settings().chunks_queue_url, _chunk_messages(job))
    for job_id in dict.fromkeys(each.new["job_id"] for each in changes):
        _settle(job_id)
    ended = [each.new for each in of_jobs if each.new["status"] in jobs.ENDED]
    publishing.publish([_event(job) for job in ended])
    for job in ended:
        _forget_files(job)


def _differ(change: Change, *names: str) -> bool:
    """Tell whether a change is one of these; most of a job's are of none."""
    return any(change.new.get(name) != change.old.get(name) for name in names)


def _step_message(job: Item) -> Message:
    body = {"job_id": job["job_id"], "step": job["step"], **trace.of(job)._asdict()}
    return Message(json.dumps(body))


def _chunk_messages(job: Item) -> Iterable[Message]:
    """Ask for every chunk that is not settled; of a stopped job they are left, and counted."""
    if "chunks" not in job:
        return
    for chunk in jobs.parts(settings().imports_table, job["job_id"], "chunk"):
        if not chunks.is_settled(chunk, job):
            body = {"job_id": job["job_id"], "part": chunk["part"], **trace.of(job)._asdict()}
            yield Message(json.dumps(body))


def _settle(job_id: str) -> None:
    """Finish a job whose chunks are all settled; stop one in which too many rows have failed."""
    table = settings().imports_table
    job = jobs.get(table, job_id)
    if job is None or job["status"] not in {"running", "cancelling"} or "chunks" not in job:
        return
    left, failed = job["chunks"], 0
    for chunk in jobs.parts(table, job_id, "chunk"):
        left -= chunks.is_settled(chunk, job)
        failed += chunk.get("counts", {}).get("failed", 0)
    limit = job["error_limit"]
    if job["status"] == "running" and limit is not None and failed > limit:
        detail = f"{failed} rows have failed, {limit} may."
        jobs.stop(table, job, code="too_many_errors", detail=detail)
        logger.warning("Import stopped", code="too_many_errors")
    elif left == 0 and jobs.finishing(table, job):
        logger.info("Import worked off")


def _forget_files(job: Item) -> None:
    """Delete what was uploaded, once nothing can be left to do of it: it is personal data."""
    if job["counts"]["unprocessed"] == 0:
        for key in (jobs.upload_key(job["job_id"]), jobs.plain_key(job["job_id"])):
            files.delete(settings().imports_bucket, key)


def _event(job: Item) -> Event:
    """Tell that a job has come to an end; each round has one, and a second try the same."""
    count("ImportCompleted")
    entity = ENTITIES[job["list_of"]]
    return Event(
        id=ids.derived("evt", entity.completed, job["job_id"], str(job["round"])),
        source=entity.source,
        type=entity.completed,
        topic=entity.topic,
        subject=job["job_id"],
        time=job["ended_at"],
        data=_told(job),
        trace=trace.of(job),
    )


def _told(job: Item) -> Item:
    """Say how it ended, and what the counts are of: a dry run has created nothing."""
    asked = {name: job["options"][name] for name in ("mode", "dry_run")}
    ended = {name: job[name] for name in ("round", "status", "counts")}
    return {"id": job["job_id"], **asked, **ended}
