"""Cancel a synchronisation: what it has written stays, nothing more is, from the answer on."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from batch_processing.syncing import runs, shown, turns
from interchange import clock, config, http
from interchange.errors import Conflict
from interchange.observability import count


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    syncs_table: str


settings = config.reader(Settings)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer with the cancelled run, the first time and again; 409 where it has ended."""
    table = settings().syncs_table
    job = runs.found(table, event)
    if turns.cancel(table, job["job_id"], now=clock.now()):
        count("SyncCancelled")
    job = runs.found(table, event)
    if job["status"] != "cancelled":
        raise Conflict("The synchronisation has ended.", code="sync_ended")
    return http.response(HTTPStatus.OK, shown.summary(job))
