"""Make daily reports: at a tick open the days that want one, then count each, step by step."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from batch_processing.reports import days, document, files, opening, page, rows, sheet, sources
from batch_processing.reports.counting import Reading
from batch_processing.reports.opening import Reports
from batch_processing.reports.sources import Places
from interchange import clock, config, ids, store, trace
from interchange.observability import bind, count, logger
from interchange.records import Message, each_message
from interchange.store import Item

_SHARE = 0.5  # of the time: what is begun before it ends is to end before the time does
_WEEK = 7


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    reports_table: str
    reports_by_kind_index: str
    reports_bucket: str
    report_timezone: str
    retention_days: int
    receives: int
    tasks_table: str
    tasks_by_state_index: str
    deliveries_table: str
    deliveries_by_endpoint_index: str
    imports_table: str
    imports_by_entity_index: str
    events_table: str
    events_by_topic_index: str
    endpoints_table: str
    topics_table: str


settings = config.reader(Settings)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Take each tick, and each step; one that is past is left alone."""
    ends_at = time.monotonic() + _SHARE * context.get_remaining_time_in_millis() / 1000
    return each_message(lambda message: _take(message, lambda: time.monotonic() >= ends_at))(
        event, context
    )


def _take(message: Message, is_late: Callable[[], bool]) -> None:
    if "step" in message.body:
        _step(message.body, is_late)
    else:
        _tick(message.body.get("scheduled_at"))


def _tick(meant_for: str | None) -> None:
    """Open the days that want a report; a tick that says no time is meant for now."""
    given, now = settings(), clock.now()
    at = clock.rfc3339(now) if meant_for is None else meant_for
    opened = opening.open_days(
        Reports(
            given.reports_table,
            given.reports_by_kind_index,
            given.report_timezone,
            timedelta(days=given.retention_days),
        ),
        meant_for=clock.parse(at),
        now=now,
        trace=trace.from_headers({}, request_id=ids.derived("tick", at)),
    )
    logger.info("Reports opened", days=opened)


def _step(message: Item, is_late: Callable[[], bool]) -> None:
    """Count on; once all is counted, show it."""
    table = settings().reports_table
    bind(report_id=message["id"])
    row = rows.begin(table, message["id"], run=message["run"], step=message["step"])
    if row is None:
        logger.info("Step is past", run=message["run"], step=message["step"])
        return
    if row["attempts"] >= settings().receives - 1:
        _fail(row)
        return
    reading = Reading(**row.get("reading", {}))
    if reading.read(sources.of(rows.day(row), _places()), is_late=is_late):
        _finish(row, reading)
    else:
        rows.hand_over(table, row, reading=reading.kept())
        logger.info("Counting goes on", rows=reading.rows)


def _places() -> Places:
    given = settings()
    return Places(
        tasks=(given.tasks_table, given.tasks_by_state_index),
        deliveries=(given.deliveries_table, given.deliveries_by_endpoint_index),
        imports=(given.imports_table, given.imports_by_entity_index),
        events=(given.events_table, given.events_by_topic_index),
        endpoints_table=given.endpoints_table,
        topics_table=given.topics_table,
    )


def _finish(row: Item, reading: Reading) -> None:
    """Write the files, then say that they are there; each is whole, old or new."""
    table, now = settings().reports_table, clock.now()
    if not rows.keep(table, row, reading=reading.kept()):
        return
    at = clock.rfc3339(now)
    report = document.make(rows.day(row), reading.counts, run=row["run"], made_at=at)
    dates = days.preceding(row["id"], _WEEK)
    report["week"] = document.week(store.get_many(table, dates), dates, report)
    files.put(settings().reports_bucket, row["id"], _texts(report))
    totals = document.totals(report)
    rows.complete(table, row, totals=totals, rows_read=reading.rows, now=now)
    count("ReportCompleted")
    logger.info("Report completed", rows=reading.rows)


def _texts(report: dict[str, Any]) -> dict[str, str]:
    as_json = json.dumps(report, ensure_ascii=False, separators=(",", ":"))
    return {"html": page.write(report), "csv": sheet.write(report), "json": as_json}


def _fail(row: Item) -> None:
    detail = "The day could not be counted in several tries; the next tick tries again."
    said = {"code": "counting_failed", "detail": detail}
    rows.fail(settings().reports_table, row, **said, now=clock.now())
    count("ReportFailed")
    logger.warning("Report failed", attempts=row["attempts"])
