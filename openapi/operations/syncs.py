"""Batch Processing: the catalogue's synchronisation with a feed."""

from typing import Any

from openapi.operations.parts import AT, JOB_ID, Answer, Body, Operation, link

_TAG = "Batch Processing"
_NONE = dict.fromkeys(("total", "created", "updated", "unchanged", "deleted", "failed"), 0)
_SUMMARY: dict[str, Any] = {
    "id": JOB_ID,
    "status": "planning",
    "mode": "full",
    "trigger": "request",
    "allow_shrink": False,
    "from_start": False,
    "not_modified": False,
    "created_at": AT,
    "expires_at": "2026-02-14T09:30:00.000Z",
    "version": 1,
    "counts": _NONE,
}
_LISTED = _SUMMARY | {
    "status": "completed_with_errors",
    "trigger": "schedule",
    "ended_at": AT,
    "version": 9,
    "counts": _NONE | {"total": 120, "created": 2, "unchanged": 116, "deleted": 1, "failed": 1},
}
_ENDED = _LISTED | {
    "progress": {"rows": 119, "rows_done": 119, "rows_per_second": 95.2, "seconds_left": None},
    "errors": [
        {
            "row": 7,
            "id": "moka-pot",
            "column": "price",
            "code": "field_invalid",
            "detail": "Input should be greater than or equal to 0",
        }
    ],
}

OPERATIONS = {
    ("post", "/api/products/syncs"): Operation(
        "start_sync",
        _TAG,
        "Makes the catalogue equal to its feed now, whatever the schedule says. `allow_shrink` lets"
        " this run delete more products than FeedShrinkLimitPercent, `from_start` reads all of the"
        " feed, as if for the first time. One run at a time.",
        {
            202: Answer(
                "The run is taken on; follow it.",
                Body("SyncSummary", {"planning": _SUMMARY}),
                ("Location", "RetryAfter", "IdempotentReplayed"),
                {"follow": link("get_sync", {"job_id": "$response.body#/id"})},
            )
        },
        ("IdempotencyKey",),
        Body("NewSync", {"as usual": {}, "once": {"allow_shrink": True}}),
    ),
    ("get", "/api/products/syncs"): Operation(
        "list_syncs",
        _TAG,
        "The newest first.",
        {
            200: Answer(
                "A page.", Body("SyncPage", {"page": {"items": [_LISTED]}}), ("CacheControl",)
            )
        },
        ("PageSize", "PageToken"),
    ),
    ("get", "/api/products/syncs/{job_id}"): Operation(
        "get_sync",
        _TAG,
        "State, progress, counts and the first hundred errors by row.",
        {200: Answer("The run.", Body("Sync", {"ended": _ENDED}), ("CacheControl",))},
        ("SyncId",),
    ),
    ("delete", "/api/products/syncs/{job_id}"): Operation(
        "cancel_sync",
        _TAG,
        "What it has written stays; nothing more is, from the answer on.",
        {
            200: Answer(
                "The run is cancelled.",
                Body("SyncSummary", {"cancelled": _SUMMARY | {"status": "cancelled"}}),
            )
        },
        ("SyncId",),
    ),
}
