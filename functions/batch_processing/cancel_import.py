"""Cancel an import: what is at work is ended, the rest is left, counted, and can be resumed."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from batch_processing import jobs
from batch_processing.importing import progress
from interchange import clock, config, http
from interchange.errors import Conflict
from interchange.observability import count


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    imports_table: str


settings = config.reader(Settings)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer 202 with the job that is cancelling or cancelled, 409 where it has come to an end."""
    table, now = settings().imports_table, clock.now()
    job = jobs.found(table, event)
    cancelled = jobs.cancel(table, job["job_id"], now=now)
    if cancelled is None:
        cancelled = jobs.found(table, event)
        if not cancelled.get("cancelled"):
            raise Conflict("The import has come to its end.", code="import_ended")
    count("ImportCancelled")
    shown = progress.summary(cancelled, now=now)
    return http.response(HTTPStatus.ACCEPTED, shown, {"Retry-After": "1"})
