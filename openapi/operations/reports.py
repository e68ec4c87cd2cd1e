"""Batch Processing: daily reports."""

from typing import Any

from openapi.operations.parts import Answer, Body, Operation, link

_TAG = "Batch Processing"
_DAY = "2026-01-14"
_PERIOD = {"start": "2026-01-14T00:00:00.000Z", "end": "2026-01-15T00:00:00.000Z"}
_AT = "2026-01-15T06:00:00.000Z"
_MADE_AT = "2026-01-15T06:00:02.000Z"
_TOTALS = {"registered": 12, "imported": 0, "payments": 3}
_TOTALS |= {"events": 19, "deliveries": 3, "tasks": 12}
_RUNNING: dict[str, Any] = {
    "id": _DAY,
    "status": "running",
    "run": 1,
    "created_at": _AT,
    "started_at": _AT,
    "version": 1,
    "period": _PERIOD | {"time_zone": "UTC", "hours": 24},
    "progress": {"step": 1, "rows_read": 0},
    "totals": None,
}
_COMPLETED = _RUNNING | {"status": "completed", "ended_at": _MADE_AT, "made_at": _MADE_AT}
_COMPLETED |= {"version": 4, "totals": _TOTALS, "page_url": "https://bucket.s3.amazonaws.com/…"}
_ROWS = dict.fromkeys(("total", "created", "updated", "unchanged", "failed", "unprocessed"), 0)
_REPORT = {
    "id": _DAY,
    "run": 1,
    "made_at": _MADE_AT,
    "period": _RUNNING["period"],
    "users": {"registered": 12, "imported": 0, "deleted": 0},
    "imports": {"total": 0, "by_status": {}, "rows": _ROWS},
    "payments": {
        "received": 3,
        "amounts": [{"currency": "eur", "payments": 3, "amount": 5997}],
        "by_type": {"stripe.payment_intent.succeeded": 3},
    },
    "events": {
        "total": 19,
        "by_topic": {"user-events": 16, "payment-events": 3},
        "by_hour": [{"at": "2026-01-14T00:00+00:00", "events": 19}],
    },
    "deliveries": {"total": 3, "attempts": 4, "by_status": {"delivered": 3}},
    "tasks": {
        "total": 12,
        "by_status": {"succeeded": 12},
        "by_type": {"email_notification": {"succeeded": 12}},
    },
    "week": [{"id": _DAY, **_TOTALS}],
}
_CSV = f"date,section,measure,name,value\r\n{_DAY},users,registered,,12\r\n"
_FORMS = (
    Body("Report", {"report": _REPORT}),
    Body({"type": "string"}, {"table": _CSV}, ("text/csv",)),
    Body({"type": "string"}, {"page": "<!doctype html>…"}, ("text/html",)),
)
_HEADERS = ("ETag", "CacheControl", "ContentLocation")
_ANSWERS = {
    200: Answer("The report, in the form asked for.", _FORMS, _HEADERS),
    304: Answer("What the caller has is what there is.", headers=_HEADERS),
}
_MAKING = Answer(
    "It is being made, for the first time.",
    Body("ReportJob", {"running": _RUNNING}),
    ("RetryAfter", "CacheControl"),
)

OPERATIONS = {
    ("get", "/api/reports/daily"): Operation(
        "list_reports",
        _TAG,
        "The latest day first; what is there has a URL that browsers open.",
        {
            200: Answer(
                "A page.", Body("ReportPage", {"page": {"items": [_COMPLETED]}}), ("CacheControl",)
            )
        },
        ("PageSize", "PageToken"),
    ),
    ("get", "/api/reports/daily/latest"): Operation(
        "get_latest_report",
        _TAG,
        "The report of the latest day that has one, as JSON, CSV, or a page to look at.",
        _ANSWERS | {202: _MAKING},
        ("ReportForm", "IfNoneMatch"),
    ),
    ("get", "/api/reports/daily/{date}"): Operation(
        "get_report",
        _TAG,
        "What came to be on a day, and how it stood when the report was made: registrations,"
        " imports, payments, events, deliveries; and tasks that ended, by outcome. As JSON, CSV,"
        " or a page to look at.",
        _ANSWERS | {202: _MAKING},
        ("ReportDate", "ReportForm", "IfNoneMatch"),
    ),
    ("post", "/api/reports/daily/{date}"): Operation(
        "start_report",
        _TAG,
        "Makes the report of a day that is over, or makes it anew, in the place of the one that"
        " is there until then. Every night this happens by itself.",
        {
            202: Answer(
                "The report is being made.",
                Body("ReportJob", {"running": _RUNNING}),
                ("Location", "RetryAfter", "IdempotentReplayed"),
                {"follow": link("get_report", {"date": "$response.body#/id"})},
            )
        },
        ("ReportDate", "IdempotencyKey"),
    ),
}
