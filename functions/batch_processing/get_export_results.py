"""Say where an export's file is."""

from dataclasses import dataclass
from typing import Any

from batch_processing import files
from batch_processing.exporting import exports
from interchange import clock, config, http
from interchange.errors import Conflict, NotFound
from interchange.store import Item


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    exports_table: str
    exports_bucket: str


settings = config.reader(Settings)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer with a URL that works for some minutes; the file stays for ExportDays."""
    now = clock.now()
    job = exports.found(settings().exports_table, event, now=now)
    if job["status"] in exports.AT_WORK:
        raise Conflict("The export has not come to its end.", code="results_not_ready")
    if job["status"] != "completed":
        raise NotFound("The export has ended without a file.", code="results_not_found")
    expires_at = clock.rfc3339(now + files.URL_LIFETIME)
    body = {"id": job["job_id"], "expires_at": expires_at, "file": _file(job)}
    return http.uncached(body)


def _file(job: Item) -> dict[str, Any]:
    key = exports.file_key(job)
    name = f"{job['job_id']}-{key.rpartition('/')[2]}"
    url = files.url(settings().exports_bucket, key, name=name)
    return {"url": url, "rows": job["counts"]["exported"], "bytes": job["bytes"]}
