"""Resume an import: the rows that were left unprocessed are worked off, no other again."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from batch_processing import jobs, options
from batch_processing.importing import progress
from interchange import clock, config, http, idempotency
from interchange.errors import Conflict
from interchange.observability import count


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    imports_table: str


settings = config.reader(Settings)


@idempotency.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer 202 with the job, running again; 409 where it is at work, or nothing is left."""
    table, now = settings().imports_table, clock.now()
    request_id = idempotency.new_id("req", event)
    job = jobs.found(table, event)
    resumed = jobs.resume(
        table, job, max_errors=options.max_errors(event), request_id=request_id, now=now
    )
    if resumed is None:
        resumed = jobs.found(table, event)
        if resumed.get("resumed_by") != request_id:  # else this very request did, and died then
            detail = "The import is at work, or it has left no row unprocessed."
            raise Conflict(detail, code="nothing_to_resume")
    count("ImportResumed")
    shown = progress.summary(resumed, now=now)
    headers = {"Location": f"../{job['job_id']}", "Retry-After": "1"}
    return http.response(HTTPStatus.ACCEPTED, shown, headers)
