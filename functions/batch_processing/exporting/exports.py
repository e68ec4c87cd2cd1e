"""An export's row, the job: each change of its state is one conditional update.

running ─▶ finishing ─▶ completed
   │           │
   └───────────┴─▶ cancelled, failed
"""

from datetime import datetime

from batch_processing import jobs
from batch_processing.exporting import segments
from interchange import clock, http, store
from interchange.errors import NotFound
from interchange.store import Item
from interchange.trace import Trace

AT_WORK = ("running", "finishing")


def folder(job_id: str) -> str:
    """Give the beginning of the keys of all that an export puts into its bucket."""
    return f"exports/{job_id}/"


def parts_folder(job_id: str) -> str:
    """Give the beginning of the keys of what the file is put together from."""
    return f"{folder(job_id)}parts/"


def file_key(job: Item) -> str:
    """Give the key of the file that an export is for."""
    asked = job["options"]
    packed = ".gz" if asked["compression"] else ""
    return f"{folder(job['job_id'])}{job['list_of']}.{asked['format']}{packed}"


def media(job: Item) -> str:
    """Name the file's media type; what is packed stays packed where it is fetched."""
    if job["options"]["compression"]:
        return "application/gzip"
    return "text/csv" if job["options"]["format"] == "csv" else "application/x-ndjson"


def new(
    job_id: str,
    *,
    asked: Item,
    count: int,
    expected: int,
    now: datetime,
    expires: int,
    trace: Trace,
) -> Item:
    """Make the row of a job whose segments are to be read; `expected` rows are a guess."""
    return {
        **jobs.key(job_id),
        "kind": "job",
        "list_of": "users",
        "status": "running",
        "options": asked,
        "segments": count,
        "expected": expected,
        "step": 0,
        "attempts": 0,
        "created_at": clock.rfc3339(now),
        "expires_epoch": expires,
        "version": 1,
        **trace._asdict(),
    }


def start(table: str, job: Item) -> Item:
    """Write a job and its segments, whose stream sends them; give the job that is there."""
    rows = [job, *segments.of(job)]
    try:
        store.transact([store.putting_new(table, row, key="job_id") for row in rows])
    except store.TransactionRefused as refusal:
        if not refusal.writes[0].failed:
            raise
        return refusal.writes[0].item
    return job


def found(table: str, event: http.Event, *, now: datetime) -> Item:
    """Read the job that a request's path names; NotFound where there is none, not any more too."""
    job = jobs.get(table, http.path_id(event, "job_id"))
    if job is None or store.has_expired(job, now=now):
        raise NotFound("No export has this id.", code="export_not_found")
    return job


def finishing(table: str, job_id: str) -> bool:
    """Have the file put together, once every segment is read."""
    change = "SET #status = :finishing, #step = #step + :one, #attempts = :none"
    values = {"running": "running", "finishing": "finishing", "one": 1, "none": 0}
    return jobs.changed(table, job_id, change, when="#status = :running", values=values) is not None


def complete(table: str, job: Item, *, totals: Item, size: int, now: datetime) -> Item | None:
    """End a job whose file is there; None where it has ended otherwise."""
    during = ("finishing",)
    return _end(table, job["job_id"], "completed", during, now=now, counts=totals, bytes=size)


def cancel(table: str, job_id: str, *, now: datetime) -> Item | None:
    """End a job at once: who reads a segment hears of it with the next step."""
    return _end(table, job_id, "cancelled", AT_WORK, now=now)


def fail(table: str, job_id: str, *, now: datetime) -> Item | None:
    """End a job that cannot be carried out."""
    detail = "The users could not be read, or not be written, in several tries; export again."
    error = {"code": "export_failed", "detail": detail}
    return _end(table, job_id, "failed", AT_WORK, now=now, error=error)


def _end(
    table: str, job_id: str, status: str, during: tuple[str, ...], *, now: datetime, **about: object
) -> Item | None:
    """End a job; the step that is due from then on deletes what is not needed any more."""
    named = "".join(f", #{name} = :{name}" for name in about)
    change = f"SET #status = :end, #ended_at = :now, #step = #step + :one, #attempts = :none{named}"
    values = {"end": status, "now": clock.rfc3339(now), "one": 1, "none": 0, **about}
    values |= {each: each for each in during}
    when = f"#status IN ({', '.join(f':{each}' for each in during)})"
    return jobs.changed(table, job_id, f"{change} REMOVE #finish", when=when, values=values)


def counts(read: list[Item]) -> Item:
    """Add up segments: the rows looked at, those in the file, those that the filter left out."""
    total = sum(each["rows"] for each in read)
    exported = sum(each["exported"] for each in read)
    return {"total": total, "exported": exported, "filtered": total - exported}
