"""An import's row, the job: each change of its state is one conditional update.

awaiting_upload ─▶ planning ─▶ running ─▶ finishing ─▶ completed | completed_with_errors | failed
       │               │          │
       │               └──────────┴─▶ cancelling ─▶ finishing ─▶ cancelled | failed
       └─▶ cancelled, expired                        (rows are left: running again, by a retry)
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from batch_processing import options
from interchange import clock, http, store
from interchange.errors import NotFound
from interchange.store import Item
from interchange.trace import Trace

UPLOAD_LIFETIME = timedelta(hours=1)  # to begin the upload
_ARRIVAL = timedelta(hours=24)  # to end it

RESULTS = ("succeeded", "failed", "unprocessed")
RESULTS_FAILED = "results_failed"  # the code of an end without result files
ENDED = frozenset({"completed", "completed_with_errors", "failed", "cancelled", "expired"})


def key(job_id: str, part: str = "job") -> Item:
    """Give the key of a job's row, or of another part of it."""
    return {"job_id": job_id, "part": part}


def upload_key(job_id: str) -> str:
    """Give the key of a job's file in its bucket; its arrival starts the job."""
    return f"imports/{job_id}"


def plain_key(job_id: str) -> str:
    """Give the key of a job's file in plain UTF-8, where the upload is something else."""
    return f"plain/{job_id}"


def held_key(job: Item) -> str:
    """Give the key of what this very try of a step leaves to the next."""
    return f"results/{job['job_id']}/parts/held-{job['step']}-{job['attempts']}"


def result_key(job: Item, kind: str) -> str:
    """Give the key of a result file; each round has its own."""
    suffix = "csv" if job["format"] == "csv" else "ndjson"
    return f"results/{job['job_id']}/{job['round']}/{kind}.{suffix}"


def get(table: str, job_id: str) -> Item | None:
    """Read a job's row."""
    return store.get(table, key(job_id))


def found(table: str, event: http.Event) -> Item:
    """Read the job that a request's path names; NotFound where there is none."""
    job = get(table, http.path_id(event, "job_id"))
    if job is None:
        raise NotFound("No import has this id.", code="import_not_found")
    return job


def parts(table: str, job_id: str, kind: str) -> Iterator[Item]:
    """Read a job's parts of one kind, in the file's order, as they are asked for."""
    where = "#job_id = :job_id AND begins_with(#part, :kind)"
    return store.query(table, where, {"job_id": job_id, "kind": f"{kind}#"})


def new_job(
    job_id: str, *, entity: str, format: str, asked: Item, now: datetime, days: int, trace: Trace
) -> Item:
    """Make the row of a job that waits for its file."""
    return {
        **key(job_id),
        "kind": "job",
        "list_of": entity,
        "status": "awaiting_upload",
        "format": format,
        "options": asked,
        "round": 1,
        "step": 0,
        "created_at": clock.rfc3339(now),
        "arrives_before": clock.rfc3339(now + _ARRIVAL),
        "expires_epoch": int((now + timedelta(days=days)).timestamp()),
        "version": 1,
        **trace._asdict(),
    }


def status(job: Item, *, now: datetime) -> str:
    """Say a job's state; one whose file did not come in time needs no row to say so."""
    late = job["status"] == "awaiting_upload" and job["arrives_before"] <= clock.rfc3339(now)
    return "expired" if late else str(job["status"])


def arrived(table: str, job_id: str, *, etag: str, now: datetime) -> Item | None:
    """Begin to plan; None where that is over: S3's events come more than once, and late."""
    values = {"status": "planning", "waiting": "awaiting_upload", "now": clock.rfc3339(now)}
    return changed(
        table,
        job_id,
        "SET #status = :status, #step = :step, #attempts = :none, #etag = :etag",
        when="#status = :waiting AND #arrives_before > :now",
        values=values | {"step": 1, "none": 0, "etag": etag},
    )


def changed(
    table: str, job_id: str, change: str, *, when: str, values: Item, part: str = "job"
) -> Item | None:
    """Change a job's row, or another part's; None where it is not in the state for that."""
    try:
        return store.update(table, key(job_id, part), change, when=when, values=values)
    except store.ConditionFailed:
        return None


def cancel(table: str, job_id: str, *, now: datetime) -> Item | None:
    """Stop a job: at once where no file has come, else once the rows in work are done."""
    moment = {"now": clock.rfc3339(now), "cancelled": "cancelled", "waiting": "awaiting_upload"}
    change = "SET #status = :cancelled, #cancelled = :true, #ended_at = :now, #counts = :counts"
    values = moment | {"counts": counts(), "true": True}
    if found := changed(table, job_id, change, when="#status = :waiting", values=values):
        return found
    return changed(
        table,
        job_id,
        "SET #status = :cancelling, #cancelled = :true",
        when="#status IN (:planning, :running)",
        values={
            "cancelling": "cancelling",
            "true": True,
            "planning": "planning",
            "running": "running",
        },
    )


def stop(table: str, job: Item, *, code: str, detail: str) -> None:
    """Work off no more of a running job, for a reason of its file's."""
    values = {"cancelling": "cancelling", "running": "running", "round": job["round"]}
    changed(
        table,
        job["job_id"],
        "SET #status = :cancelling, #error = :error",
        when="#status = :running AND #round = :round",
        values=values | {"error": {"code": code, "detail": detail}},
    )


def resume(
    table: str, job: Item, *, max_errors: str | None, request_id: str, now: datetime
) -> Item | None:
    """Work off what is left of a job that has ended; None where it has not, or nothing is left.

    Of one that has no results, they are put together.
    """
    change = "#status = :running, #round = #round + :one, #error_limit = :limit"
    return changed(
        table,
        job["job_id"],
        f"SET {change}, #resumed_at = :now, #resumed_by = :request_id"
        " REMOVE #ended_at, #error, #counts, #cancelled",
        when="#status IN (:cancelled, :failed)"
        " AND (#counts.#unprocessed > :none OR #error.#code = :results_failed)",
        values={
            **{status: status for status in ("running", "cancelled", "failed")},
            "limit": options.error_limit(max_errors, job.get("rows", 0)),
            "request_id": request_id,
            "results_failed": RESULTS_FAILED,
            "one": 1,
            "none": 0,
            "now": clock.rfc3339(now),
        },
    )


def finishing(table: str, job: Item) -> bool:
    """Have the results put together, once every chunk is worked off or left."""
    change = "SET #status = :finishing, #step = #step + :one, #attempts = :none"
    values = {"status": job["status"], "round": job["round"], "step": job["step"]}
    when = "#status = :status AND #round = :round AND #step = :step"
    values |= {"finishing": "finishing", "one": 1, "none": 0}
    return changed(table, job["job_id"], change, when=when, values=values) is not None


def counts(**given: int) -> Item:
    """Make counts whose total is their sum."""
    names = ("created", "updated", "unchanged", "failed", "unprocessed")
    found = {name: given.get(name, 0) for name in names}
    return {"total": sum(found.values()), **found}
