"""A report's day: from one local midnight up to the next, 23 to 25 hours where clocks change.

Time zones are dateutil's, which botocore brings along with a copy of the database.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

from dateutil import tz  # type: ignore[import-untyped]  # ships no types

from interchange.errors import Conflict, NotFound

MOST_MADE_UP = 31

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)


class Day(NamedTuple):
    """A date and its period [start, end), in UTC."""

    date: str
    start: datetime
    end: datetime
    zone: str

    @property
    def hours(self) -> int:
        """Count its hours, one that is cut short included."""
        return -((self.start - self.end) // _HOUR)

    def hour_of(self, moment: datetime) -> int:
        """Tell in which of its hours a moment lies, counted from its start."""
        return (moment - self.start) // _HOUR

    def label(self, hour: int) -> str:
        """Write what clocks show as an hour begins."""
        local = (self.start + hour * _HOUR).astimezone(_zone(self.zone))
        return local.isoformat(timespec="minutes")


def of(day: date, zone: str) -> Day:
    """Give a date's day in a zone. A midnight that clocks skip is the moment of the change."""
    return Day(day.isoformat(), _midnight(day, zone), _midnight(day + _DAY, zone), zone)


def before(moment: datetime, zone: str) -> date:
    """Give the last date that is over at a moment."""
    return moment.astimezone(_zone(zone)).date() - _DAY


def preceding(day: str, count: int) -> list[str]:
    """Name the dates before one, the nearest last."""
    found = date.fromisoformat(day)
    return [(found - _DAY * back).isoformat() for back in range(count, 0, -1)]


def asked(text: str, zone: str, *, now: datetime, kept: timedelta) -> Day:
    """Read the day that a path names; refused where it is none, not over, or no longer kept."""
    found = _read(text)
    last = before(now, zone)
    if found > last:
        raise Conflict("The day is not over; its report can be made then.", code="day_not_over")
    # First by the date: the first years of the calendar have no start in UTC.
    if found < last - kept or not is_kept(of(found, zone), now=now, kept=kept):
        detail = "The day is further back than what it would be counted from is kept."
        raise Conflict(detail, code="day_not_kept")
    return of(found, zone)


def is_kept(day: Day, *, now: datetime, kept: timedelta) -> bool:
    """Tell whether nothing of a day has been forgotten yet."""
    return now - kept <= day.start


def made_up(last: date, oldest: str | None) -> Iterator[date]:
    """Give the dates that are to have a report: from the oldest that has one, up to the last."""
    first = max(
        last - (MOST_MADE_UP - 1) * _DAY, min(date.fromisoformat(oldest or "9999-12-31"), last)
    )
    for back in range((last - first).days, -1, -1):
        yield last - back * _DAY


def _read(text: str) -> date:
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise NotFound("A day is named as 2026-01-15 is.", code="report_not_found")


def _midnight(day: date, zone: str) -> datetime:
    local = tz.resolve_imaginary(datetime.combine(day, time(), _zone(zone)))
    moment: datetime = local.astimezone(UTC)
    return moment


def _zone(name: str) -> tzinfo:
    found: tzinfo | None = tz.gettz(name)
    if found is None:
        raise ValueError("no time zone has the name that the template gives")
    return found
