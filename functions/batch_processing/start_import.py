"""Take a CSV of users: answer with a job, keep the file; the file's arrival starts the work."""

import contextlib
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from batch_processing import jobs
from interchange import aws, clock, config, http, idempotency, store
from interchange.errors import BadRequest
from interchange.observability import count

CSV = "text/csv"

# The gateway hands Lambda at most 6 MB, and the bytes arrive in base64.
_LARGEST_BODY = 4_500_000


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
    http.require_media_type(event, CSV)
    body = http.raw_body(event, limit=_LARGEST_BODY)
    if not body:
        raise BadRequest("The body is empty; send a CSV file with a header.", code="body_empty")
    now = clock.now()
    expires = now + timedelta(days=settings().retention_days)
    job = jobs.new_job(
        idempotency.new_id("job", event),
        size=len(body),
        now=now,
        expires_epoch=int(expires.timestamp()),
        trace=http.trace_of(event),
    )
    with contextlib.suppress(store.ConditionFailed):  # this very request made it, and died then
        store.put_new(settings().imports_table, job, key="job_id")
    aws.s3().put_object(
        Bucket=settings().imports_bucket,
        Key=jobs.file(job["job_id"]),
        Body=body,
        ContentType=CSV,
    )
    count("ImportStarted")
    # Relative to /api/users/batch (RFC 9110 s.10.2.2).
    headers = {"Location": f"batch/{job['job_id']}", "Retry-After": "1"}
    return http.response(HTTPStatus.ACCEPTED, jobs.representation([job]), headers)
