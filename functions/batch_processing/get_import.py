"""Say how an import is doing: state, progress, counts, errors by row and column."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from batch_processing import jobs
from interchange import config, http
from interchange.errors import NotFound


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    imports_table: str


settings = config.reader(Settings)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer with the job, or 404."""
    parts = jobs.parts(settings().imports_table, http.path_id(event, "job_id"))
    if not any(part["kind"] == "job" for part in parts):
        raise NotFound("No import has this id.", code="import_not_found")
    return http.response(HTTPStatus.OK, jobs.representation(parts), {"Cache-Control": "no-store"})
