"""Batch Processing: exports of users."""

from typing import Any

from openapi.operations.parts import AT, Answer, Body, Operation, link

_TAG = "Batch Processing"
_ID = "job_0192f0c1a2b37c4d8e5f60718293a4c5"
_COUNTS = {"total": 1042, "exported": 1000, "filtered": 42}
_SUMMARY: dict[str, Any] = {
    "id": _ID,
    "status": "running",
    "columns": ["email", "name"],
    "format": "csv",
    "compression": "gzip",
    "filter": {"origin": "registered"},
    "created_at": AT,
    "expires_at": "2026-01-22T09:30:00.000Z",
    "version": 1,
    "counts": dict.fromkeys(_COUNTS, 0),
}
_ACCEPTED = _SUMMARY | {
    "progress": {
        "segments": 8,
        "segments_done": 0,
        "rows_done": 0,
        "rows_per_second": None,
        "seconds_left": None,
    }
}
_LISTED = _SUMMARY | {"status": "completed", "ended_at": AT, "version": 4, "counts": _COUNTS}
_ENDED = _LISTED | {
    "progress": {
        "segments": 8,
        "segments_done": 8,
        "rows_done": 1042,
        "rows_per_second": 845.5,
        "seconds_left": None,
    }
}
_FILE = {"url": "https://bucket.s3.amazonaws.com/exports/…", "rows": 1000, "bytes": 18_422}
_RESULTS = {"id": _ID, "expires_at": AT, "file": _FILE}
_ASKED = {
    "columns": ["email", "name", "created_at"],
    "format": "csv",
    "compression": "gzip",
    "filter": {"origin": "registered", "created_from": "2026-01-01T00:00:00Z"},
}

OPERATIONS = {
    ("post", "/api/users/exports"): Operation(
        "start_export",
        _TAG,
        "All users, or those who pass a filter, in one file: whoever is there from the beginning to"
        " the end is in it once; who comes, goes or changes meanwhile may be in it or not, as"
        " before or as after. Cells that a spreadsheet would run begin with an apostrophe, which an"
        " import takes off; an import takes the columns `email` and `name`.",
        {
            202: Answer(
                "The job is taken on; follow it.",
                Body("Export", {"accepted": _ACCEPTED}),
                ("Location", "RetryAfter", "IdempotentReplayed"),
                {"follow": link("get_export", {"job_id": "$response.body#/id"})},
            )
        },
        ("IdempotencyKey",),
        Body("NewExport", {"all, to be imported": {}, "some, packed": _ASKED}),
    ),
    ("get", "/api/users/exports"): Operation(
        "list_exports",
        _TAG,
        "The newest first.",
        {
            200: Answer(
                "A page.", Body("ExportPage", {"page": {"items": [_LISTED]}}), ("CacheControl",)
            )
        },
        ("PageSize", "PageToken"),
    ),
    ("get", "/api/users/exports/{job_id}"): Operation(
        "get_export",
        _TAG,
        "State, progress and counts.",
        {200: Answer("The job.", Body("Export", {"ended": _ENDED}), ("CacheControl",))},
        ("ExportId",),
    ),
    ("delete", "/api/users/exports/{job_id}"): Operation(
        "cancel_export",
        _TAG,
        "It ends at once, and what was written of it is deleted.",
        {
            202: Answer(
                "The job is cancelled.",
                Body("ExportSummary", {"cancelled": _SUMMARY | {"status": "cancelled"}}),
                ("RetryAfter",),
            )
        },
        ("ExportId",),
    ),
    ("get", "/api/users/exports/{job_id}/results"): Operation(
        "get_export_results",
        _TAG,
        "Where the file can be fetched, by anyone who has the URL.",
        {
            200: Answer(
                "Where the file is.",
                Body("ExportResults", {"results": _RESULTS}),
                ("CacheControl",),
            )
        },
        ("ExportId",),
    ),
}
