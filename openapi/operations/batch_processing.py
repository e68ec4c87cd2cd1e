"""Batch Processing: imports of users."""

import json
from typing import Any

from openapi.operations.parts import AT, JOB_ID, Answer, Body, Operation, link

_TAG = "Batch Processing"
_NONE = dict.fromkeys(("total", "created", "updated", "unchanged", "failed", "unprocessed"), 0)
_SUMMARY: dict[str, Any] = {
    "id": JOB_ID,
    "status": "awaiting_upload",
    "mode": "create",
    "dry_run": False,
    "notify": False,
    "max_errors": None,
    "created_at": AT,
    "expires_at": "2026-02-14T09:30:00.000Z",
    "version": 1,
    "counts": _NONE,
}
_ACCEPTED = _SUMMARY | {
    "file": {
        "format": "csv",
        "bytes": None,
        "compression": None,
        "encoding": None,
        "delimiter": None,
        "columns": None,
    },
    "progress": {
        "chunks": None,
        "chunks_done": 0,
        "rows_done": 0,
        "rows_per_second": None,
        "seconds_left": None,
    },
    "errors": [],
}
_LISTED = _SUMMARY | {
    "status": "completed_with_errors",
    "planned_at": AT,
    "ended_at": AT,
    "version": 7,
    "counts": _NONE | {"total": 2, "created": 1, "failed": 1},
}
_ENDED = (
    _ACCEPTED
    | _LISTED
    | {
        "file": {
            "format": "csv",
            "bytes": 52,
            "compression": None,
            "encoding": "utf-8",
            "delimiter": ",",
            "columns": ["email", "name"],
        },
        "progress": {
            "chunks": 1,
            "chunks_done": 1,
            "rows_done": 2,
            "rows_per_second": 8.5,
            "seconds_left": None,
        },
        "errors": [
            {
                "row": 2,
                "line": 3,
                "column": "email",
                "code": "field_invalid",
                "detail": "Must be an e-mail address",
            }
        ],
    }
)
_FORM = {
    "url": "https://bucket.s3.amazonaws.com/",
    "fields": {"key": f"imports/{JOB_ID}", "Content-Type": "text/csv", "policy": "eyJ…"},
    "expires_at": "2026-01-15T10:30:00.000Z",
}
_FILE = {"url": "https://bucket.s3.amazonaws.com/results/…", "rows": 1}
_RESULTS = {"id": JOB_ID, "expires_at": AT, "succeeded": _FILE, "failed": _FILE}
_RESULTS |= {"unprocessed": _FILE | {"rows": 0}}
_ROWS = [
    {"email": "ada@example.com", "name": "Ada"},
    {"email": "not an address", "name": "Bob"},
]
_OPTIONS = ("Mode", "DryRun", "Notify", "MaxErrors", "Delimiter", "Encoding")

OPERATIONS = {
    ("post", "/api/users/batch"): Operation(
        "start_import",
        _TAG,
        "Rows with an `email` and a `name`: CSV with a header, a JSON array, or lines of JSON; gzip"
        " or not. A bad row is named and stops no other; of several rows about one address, the"
        " file's first sound one stands, the others fail.",
        {
            202: Answer(
                "The file is kept; follow the job.",
                Body("Import", {"accepted": _ACCEPTED}),
                ("Location", "RetryAfter", "IdempotentReplayed"),
                {"follow": link("get_import", {"job_id": "$response.body#/id"})},
            )
        },
        ("IdempotencyKey", "ContentEncoding", *_OPTIONS),
        (
            Body(
                {"type": "string", "minLength": 1},
                {"two rows": "email,name\nada@example.com,Ada\nnot an address,Bob\n"},
                ("text/csv",),
            ),
            Body(
                {"type": "array", "items": {"type": "object"}, "minItems": 1},
                {"two rows": _ROWS},
            ),
            Body(
                {"type": "string", "minLength": 1},
                {"two rows": "".join(f"{json.dumps(each)}\n" for each in _ROWS)},
                ("application/x-ndjson",),
            ),
        ),
    ),
    ("get", "/api/users/batch"): Operation(
        "list_imports",
        _TAG,
        "The newest first.",
        {
            200: Answer(
                "A page.", Body("ImportPage", {"page": {"items": [_LISTED]}}), ("CacheControl",)
            )
        },
        ("PageSize", "PageToken"),
    ),
    ("post", "/api/users/batch/uploads"): Operation(
        "start_upload",
        _TAG,
        "For a file of up to 5 GB: a form that S3 takes within the hour, for this one file. Its"
        " arrival starts the import. What is compressed has up to 1 GiB unpacked; an import of"
        " more ends as `failed` with `gzip_too_large`.",
        {
            201: Answer(
                "The job waits for the file.",
                Body("ImportUpload", {"waiting": _ACCEPTED | {"upload": _FORM}}),
                ("Location", "IdempotentReplayed"),
                {"follow": link("get_import", {"job_id": "$response.body#/id"})},
            )
        },
        ("IdempotencyKey", *_OPTIONS),
        Body("NewUpload", {"CSV": {"content_type": "text/csv"}}),
    ),
    ("get", "/api/users/batch/{job_id}"): Operation(
        "get_import",
        _TAG,
        "State, progress, counts and the first hundred errors by row and column. The rate is that"
        " since the start, or since it was resumed.",
        {
            200: Answer(
                "The job.",
                Body("Import", {"ended": _ENDED}),
                ("CacheControl",),
            )
        },
        ("JobId",),
    ),
    ("delete", "/api/users/batch/{job_id}"): Operation(
        "cancel_import",
        _TAG,
        "What is at work is ended; the rows that are left are counted, given as a file, and can be"
        " worked off by a retry.",
        {
            202: Answer(
                "The job is cancelled, or will be.",
                Body("ImportSummary", {"cancelling": _SUMMARY | {"status": "cancelling"}}),
                ("RetryAfter",),
            )
        },
        ("JobId",),
    ),
    ("post", "/api/users/batch/{job_id}/retries"): Operation(
        "retry_import",
        _TAG,
        "Works off the rows that a job has left unprocessed, without the limit of errors that may"
        " have stopped it, unless a new one is given. An import that ended with `results_failed`"
        " gets its result files.",
        {
            202: Answer(
                "The job runs again.",
                Body("ImportSummary", {"running": _SUMMARY | {"status": "running"}}),
                ("Location", "RetryAfter", "IdempotentReplayed"),
            )
        },
        ("JobId", "IdempotencyKey", "MaxErrors"),
    ),
    ("get", "/api/users/batch/{job_id}/results"): Operation(
        "get_results",
        _TAG,
        "Three files with all rows, in the upload's own columns: what has failed says where and"
        " why, and can be mended and uploaded again as it is.",
        {
            200: Answer(
                "Where the files are.",
                Body("ImportResults", {"results": _RESULTS}),
                ("CacheControl",),
            )
        },
        ("JobId",),
    ),
}
