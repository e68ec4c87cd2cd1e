"""Take a file of users: answer with a job, keep the file; the file's arrival starts the work."""

import contextlib
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from batch_processing import files, jobs, options
from batch_processing.importing import bodies, progress
from interchange import clock, config, http, idempotency, store
from interchange.observability import count


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    imports_table: str
    imports_bucket: str
    retention_days: int


settings = config.reader(Settings)


@idempotency.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer 202 with the job once its row and its file are stored.

    The row comes first: a file always finds its job, and a job without a file expires.
    """
    body, asked, now = bodies.read(event), options.asked(event), clock.now()
    job = jobs.new_job(
        idempotency.new_id("job", event),
        entity="users",
        format=body.format,
        asked=asked,
        now=now,
        days=settings().retention_days,
        trace=http.trace_of(event),
    )
    with contextlib.suppress(store.ConditionFailed):  # this very request made it, and died then
        store.put_new(settings().imports_table, job, key="job_id")
    # Once: under a key of KMS the same bytes, sent again, would be another file by their ETag.
    files.put_new(settings().imports_bucket, jobs.upload_key(job["job_id"]), body.data)
    count("ImportStarted")
    # Relative to /api/users/batch (RFC 9110 s.10.2.2).
    headers = {"Location": f"batch/{job['job_id']}", "Retry-After": "1"}
    return http.response(HTTPStatus.ACCEPTED, progress.of_new(job), headers)
