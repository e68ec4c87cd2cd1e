"""Have a day's report made, or made anew; the job is the day's, so two requests have one."""

from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from batch_processing.reports import days, rows
from batch_processing.reports.days import Day
from interchange import clock, config, http, idempotency, store
from interchange.errors import Conflict
from interchange.observability import count
from interchange.store import Item


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    reports_table: str
    report_timezone: str
    retention_days: int


settings = config.reader(Settings)


@idempotency.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer 202 with the job; 409 where the day is not over, not kept, or being counted."""
    given, now = settings(), clock.now()
    kept = timedelta(days=given.retention_days)
    day = days.asked(http.path_id(event, "date"), given.report_timezone, now=now, kept=kept)
    job = _started(event, day)
    count("ReportStarted")
    # Relative to /api/reports/daily/{date} (RFC 9110 s.10.2.2).
    headers = {"Location": job["id"], "Retry-After": "2"}
    return http.response(HTTPStatus.ACCEPTED, rows.shown(job), headers)


def _started(event: http.Event, day: Day) -> Item:
    """Give the job as it begins: a new one, an ended one anew, or what this very request began."""
    table, now, asked_by = settings().reports_table, clock.now(), idempotency.new_id("req", event)
    new = rows.new(day, now=now, trace=http.trace_of(event), started_by=asked_by)
    if rows.have(table, new):
        return new
    found = store.get(table, rows.key(day.date)) or new
    if found.get("started_by") == asked_by:  # this very request began it, and died then
        return found
    again = rows.again(table, day.date, states="completed failed", now=now, started_by=asked_by)
    if again is None:
        detail = "The day's report is being made; ask again once it is there."
        raise Conflict(detail, code="report_running", headers={"Retry-After": "2"})
    return again
