"""Cancel an export: it ends at once, and what was written of it is deleted."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from batch_processing.exporting import export_progress, exports
from interchange import clock, config, http
from interchange.errors import Conflict
from interchange.observability import count


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    exports_table: str


settings = config.reader(Settings)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer 202 with the job that is cancelled, 409 where it has come to another end."""
    table, now = settings().exports_table, clock.now()
    job = exports.found(table, event, now=now)
    cancelled = exports.cancel(table, job["job_id"], now=now)
    if cancelled is None:
        cancelled = exports.found(table, event, now=now)
        if cancelled["status"] != "cancelled":
            raise Conflict("The export has come to its end.", code="export_ended")
    count("ExportCancelled")
    shown = export_progress.summary(cancelled)
    return http.response(HTTPStatus.ACCEPTED, shown, {"Retry-After": "1"})
