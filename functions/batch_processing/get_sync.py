"""Say how a synchronisation is doing: state, progress, counts, errors by row."""

from dataclasses import dataclass
from typing import Any

from batch_processing.syncing import runs, shown
from interchange import clock, config, http


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    syncs_table: str


settings = config.reader(Settings)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer with the run, or 404."""
    table = settings().syncs_table
    job = runs.found(table, event)
    found = shown.whole(job, runs.errors(table, job["job_id"]), now=clock.now())
    return http.uncached(found)
