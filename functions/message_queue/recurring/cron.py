"""When a recurring task is due: pure functions of its expression, its zone and a time.

`rate(15 minutes)` counts from the schedule's creation. Cron's five fields, `0 9 * * mon-fri`, are
read on the clock of a time zone. Where that clock leaps forward, a time that it leaps over is due
as much later; where it is set back, a time that comes twice is due the first time only. A
wildcard in the hour's field means an interval, which neither leap disturbs.
Time zones are dateutil's, which botocore brings along with a copy of the database.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import product

from dateutil import tz  # type: ignore[import-untyped]  # ships no types

_RATE = re.compile(r"rate\(([1-9]\d{0,4}) (minute|hour|day)s?\)")
_ZONE = re.compile(r"UTC|[A-Z][A-Za-z_]+(?:/[A-Za-z0-9_+-]{1,40}){1,2}")
_PART = re.compile(r"(\*|[a-z0-9]+(?:-[a-z0-9]+)?)(?:/([1-9]\d?))?")
_LOOK_AHEAD_DAYS = 366 * 9  # the 29th of February may be eight years away

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]


class BadExpression(ValueError):
    """The expression or the zone cannot be read, or never comes due; the text says why."""


@dataclass(frozen=True, slots=True)
class _Cron:
    minutes: list[int]
    hours: list[int]
    days: list[int]
    months: list[int]
    weekdays: list[int]
    is_interval: bool

    def matches(self, day: date) -> bool:
        return (
            day.month in self.months
            and day.day in self.days
            and day.isoweekday() % 7 in self.weekdays
        )


def next_tick(expression: str, zone: str, *, after: datetime, anchor: datetime) -> datetime:
    """Give the first tick later than `after`; BadExpression where there is none."""
    if rate := _RATE.fullmatch(expression):
        return anchor + _step(rate) * max(1, (after - anchor) // _step(rate) + 1)
    rule, where = _read(expression), _zone(zone)
    day = after.astimezone(where).date() - timedelta(days=1)
    for ahead in range(_LOOK_AHEAD_DAYS):
        for tick in sorted(_ticks(rule, day + timedelta(days=ahead), where)):
            if tick > after:
                return tick
    raise BadExpression("The expression names no day that exists")


def last_tick(
    expression: str, zone: str, *, since: datetime, until: datetime, anchor: datetime
) -> datetime:
    """Give the last tick up to `until`, `since` where it is later; walks through none between."""
    if rate := _RATE.fullmatch(expression):
        return max(since, anchor + _step(rate) * ((until - anchor) // _step(rate)))
    rule, where = _read(expression), _zone(zone)
    day = until.astimezone(where).date()
    for back in range((until - since).days + 2):
        found = [each for each in _ticks(rule, day - timedelta(days=back), where) if each <= until]
        if found:
            return max(since, *found)
    return since


def _step(rate: re.Match[str]) -> timedelta:
    return timedelta(**{f"{rate[2]}s": int(rate[1])})


def _ticks(rule: _Cron, day: date, zone: tzinfo) -> Iterator[datetime]:
    if not rule.matches(day):
        return
    for hour, minute in product(rule.hours, rule.minutes):
        local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
        if tz.datetime_exists(local):
            yield local.astimezone(UTC)
            if rule.is_interval and tz.datetime_ambiguous(local):
                yield local.replace(fold=1).astimezone(UTC)
        elif not rule.is_interval:
            yield tz.resolve_imaginary(local).astimezone(UTC)


def _zone(name: str) -> tzinfo:
    found: tzinfo | None = tz.gettz(name) if _ZONE.fullmatch(name) else None
    if found is None:
        raise BadExpression("The time zone is not one of the IANA database")
    return found


def _read(expression: str) -> _Cron:
    fields = expression.lower().split()
    if len(fields) != 5:  # noqa: PLR2004 - cron's five
        raise BadExpression("The expression is neither rate(…) nor cron's five fields")
    minute, hour, day, month, weekday = fields
    if day != "*" and weekday != "*":
        raise BadExpression("Either days of the month or days of the week, not both")
    return _Cron(
        minutes=_values(minute, 0, 59),
        hours=_values(hour, 0, 23),
        days=_values(day, 1, 31),
        months=_values(month, 1, 12, _MONTHS),
        weekdays=[each % 7 for each in _values(weekday, 0, 7, _DAYS)],
        is_interval=hour.startswith("*"),
    )


def _values(field: str, low: int, high: int, names: list[str] | None = None) -> list[int]:
    """Read `*`, `5`, `1-5`, `*/15`, `mon-fri` and lists of them."""
    found: set[int] = set()
    for text in field.split(","):
        part = _PART.fullmatch(text)
        if part is None:
            raise BadExpression(f"{text[:20]} is no part of a cron expression")
        first, _, last = part[1].partition("-")
        start = low if first == "*" else _number(first, low, names)
        end = high if first == "*" or (part[2] and not last) else _number(last or first, low, names)
        if not low <= start <= end <= high:
            raise BadExpression(f"{text[:20]} is not within {low} to {high}")
        found.update(range(start, end + 1, int(part[2] or 1)))
    return sorted(found)


def _number(text: str, low: int, names: list[str] | None) -> int:
    if names and text in names:
        return names.index(text) + low
    if not text.isdigit():
        raise BadExpression(f"{text[:20]} is no number")
    return int(text)
