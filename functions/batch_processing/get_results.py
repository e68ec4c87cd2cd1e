"""Say where an import's result files are: the rows that succeeded, failed, were left."""

from dataclasses import dataclass
from typing import Any

from batch_processing import files, jobs
from interchange import clock, config, http
from interchange.errors import Conflict, NotFound
from interchange.store import Item


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    imports_table: str
    imports_bucket: str


settings = config.reader(Settings)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer with three URLs that work for some minutes; the files stay for RetentionDays."""
    job = jobs.found(settings().imports_table, event)
    if job["status"] not in jobs.ENDED:
        raise Conflict("The import has not come to its end.", code="results_not_ready")
    if job.get("error", {}).get("code") == jobs.RESULTS_FAILED:
        raise NotFound("The results could not be put together.", code="results_not_found")
    if "chunks" not in job:
        detail = "No row of the file was read, so there are no results."
        raise NotFound(detail, code="results_not_found")
    expires_at = clock.rfc3339(clock.now() + files.URL_LIFETIME)
    found = {kind: {"url": _url(job, kind), "rows": _rows(job, kind)} for kind in jobs.RESULTS}
    body = {"id": job["job_id"], "expires_at": expires_at, **found}
    return http.uncached(body)


def _url(job: Item, kind: str) -> str:
    key = jobs.result_key(job, kind)
    name = f"{job['job_id']}-{key.rpartition('/')[2]}"
    return files.url(settings().imports_bucket, key, name=name)


def _rows(job: Item, kind: str) -> int:
    counts = job["counts"]
    if kind == "succeeded":
        return int(counts["created"] + counts["updated"] + counts["unchanged"])
    return int(counts[kind])
