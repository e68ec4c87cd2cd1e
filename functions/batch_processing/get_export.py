"""Say how an export is doing: state, progress, counts."""

from dataclasses import dataclass
from typing import Any

from batch_processing import jobs
from batch_processing.exporting import export_progress, exports
from interchange import clock, config, http


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    exports_table: str


settings = config.reader(Settings)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer with the job, or 404."""
    table, now = settings().exports_table, clock.now()
    job = exports.found(table, event, now=now)
    segments = jobs.parts(table, job["job_id"], "segment")
    shown = export_progress.of(job, segments, now=now)
    return http.uncached(shown)
