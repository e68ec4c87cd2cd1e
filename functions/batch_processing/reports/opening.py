"""Have days reported: every one that is over and has no report, since the first that has one."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from batch_processing.reports import days, rows
from batch_processing.reports.days import Day
from interchange import store
from interchange.store import Item
from interchange.trace import Trace


@dataclass(frozen=True, slots=True)
class Reports:
    """Where reports' rows are, of which zone's days, and how long what they count is kept."""

    table: str
    index: str
    zone: str
    kept: timedelta


def open_days(at: Reports, *, meant_for: datetime, now: datetime, trace: Trace) -> list[str]:
    """Make the rows of the days that want a report; whoever comes second finds them made.

    A day that failed has another try. Of a tick that comes late, its own time counts.
    """
    last = days.before(min(meant_for, now), at.zone)
    found = _known(at, last)
    wanted = (days.of(each, at.zone) for each in days.made_up(last, min(found, default=None)))
    kept = [each for each in wanted if days.is_kept(each, now=now, kept=at.kept)]
    return [each.date for each in kept if _open(at, each, found, now=now, trace=trace)]


def _known(at: Reports, last: date) -> dict[str, Item]:
    """Read the rows of the days before, and one more: the oldest says since when."""
    page = store.index_page(
        at.table,
        at.index,
        "#kind = :kind AND #id <= :last",
        {"kind": rows.KIND, "last": last.isoformat()},
        size=days.MOST_MADE_UP + 1,
        after=None,
        order="desc",
    )
    return {each["id"]: each for each in page.items}


def _open(at: Reports, day: Day, found: dict[str, Item], *, now: datetime, trace: Trace) -> bool:
    if day.date not in found:
        return rows.have(at.table, rows.new(day, now=now, trace=trace))
    failed = found[day.date]["status"] == "failed"
    return failed and rows.again(at.table, day.date, states="failed", now=now) is not None
