"""Say how an import is doing: state, progress, counts, errors by row and column."""

from dataclasses import dataclass
from typing import Any

from batch_processing import jobs
from batch_processing.importing import progress
from interchange import clock, config, http


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    imports_table: str


settings = config.reader(Settings)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer with the job, or 404."""
    table = settings().imports_table
    job = jobs.found(table, event)
    chunks, errors = (jobs.parts(table, job["job_id"], kind) for kind in ("chunk", "errors"))
    shown = progress.of(job, chunks, errors, now=clock.now())
    return http.uncached(shown)
