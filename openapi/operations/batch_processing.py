"""Batch Processing: imports of users."""

from openapi.operations.parts import AT, JOB_ID, Answer, Body, Operation, link

_TAG = "Batch Processing"
_ACCEPTED = {
    "id": JOB_ID,
    "status": "awaiting_upload",
    "created_at": AT,
    "version": 1,
    "counts": {"total": 0, "created": 0, "failed": 0},
    "progress": {"chunks": None, "chunks_done": 0},
    "errors": [],
}
_ENDED = _ACCEPTED | {
    "status": "completed_with_errors",
    "planned_at": AT,
    "ended_at": AT,
    "version": 4,
    "counts": {"total": 2, "created": 1, "failed": 1},
    "progress": {"chunks": 1, "chunks_done": 1},
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

OPERATIONS = {
    ("post", "/api/users/batch"): Operation(
        "start_import",
        _TAG,
        "A CSV file (RFC 4180, UTF-8) with the header `email,name`. A bad row is named and stops no"
        " other; each user becomes an event, as by registration.",
        {
            202: Answer(
                "The file is kept; follow the job.",
                Body("Import", {"accepted": _ACCEPTED}),
                ("Location", "RetryAfter", "IdempotentReplayed"),
                {"follow": link("get_import", {"job_id": "$response.body#/id"})},
            )
        },
        ("IdempotencyKey",),
        Body(
            {"type": "string", "minLength": 1},
            {"two rows": "email,name\nada@example.com,Ada\nnot an address,Bob\n"},
            ("text/csv",),
        ),
    ),
    ("get", "/api/users/batch/{job_id}"): Operation(
        "get_import",
        _TAG,
        "State, progress, counts and the first hundred errors by row and column.",
        {
            200: Answer(
                "The job.",
                Body("Import", {"ended": _ENDED}),
                ("CacheControl",),
            )
        },
        ("JobId",),
    ),
}
