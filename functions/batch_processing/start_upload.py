"""Give a caller the form with which a file too large for a request goes to S3, and its job."""

import contextlib
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Literal

from batch_processing import jobs, options
from batch_processing.importing import bodies, progress
from interchange import aws, clock, config, http, idempotency, store
from interchange.observability import count
from interchange.validation import Body, validate

LARGEST = 5 * 1024**3  # of S3's POST


class Upload(Body):
    """What kind of file is to come; gzip is told by the file itself."""

    content_type: Literal["text/csv", "application/x-ndjson"] = "text/csv"


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    imports_table: str
    imports_bucket: str
    retention_days: int


settings = config.reader(Settings)


@idempotency.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer 201 with a job that waits, and a form that S3 takes for this one file."""
    upload = validate(Upload, http.json_body(event))
    asked, now = options.asked(event), clock.now()
    job = jobs.new_job(
        idempotency.new_id("job", event),
        entity="users",
        format=bodies.FORMATS[upload.content_type],
        asked=asked,
        now=now,
        days=settings().retention_days,
        trace=http.trace_of(event),
    )
    with contextlib.suppress(store.ConditionFailed):  # this very request made it, and died then
        store.put_new(settings().imports_table, job, key="job_id")
    count("UploadStarted")
    form = _form(job, upload.content_type) | {
        "expires_at": clock.rfc3339(now + jobs.UPLOAD_LIFETIME)
    }
    # Relative to /api/users/batch/uploads (RFC 9110 s.10.2.2).
    location = {"Location": job["job_id"]}
    return http.response(HTTPStatus.CREATED, progress.of_new(job) | {"upload": form}, location)


def _form(job: dict[str, Any], media: str) -> dict[str, Any]:
    """Sign a form whose conditions S3 itself enforces: this key, this type, this size at most."""
    return aws.s3().generate_presigned_post(
        Bucket=settings().imports_bucket,
        Key=jobs.upload_key(job["job_id"]),
        Fields={"Content-Type": media},
        Conditions=[{"Content-Type": media}, ["content-length-range", 1, LARGEST]],
        ExpiresIn=int(jobs.UPLOAD_LIFETIME.total_seconds()),
    )
