"""When a recurring task is due: expressions, zones, and the days on which clocks leap."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from dateutil import tz  # type: ignore[import-untyped]  # ships no types
from hypothesis import given
from hypothesis import strategies as st

from message_queue.recurring.cron import BadExpression, last_tick, next_tick

ANCHOR = datetime(2026, 1, 1, 0, 0, 30, tzinfo=UTC)
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Havana"]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def ticks(expression: str, zone: str, after: str, count: int) -> list[str]:
    found = [at(after)]
    for _ in range(count):
        found.append(next_tick(expression, zone, after=found[-1], anchor=ANCHOR))
    return [f"{each:%m-%dT%H:%M}" for each in found[1:]]


@pytest.mark.parametrize(
    ("expression", "after", "expected"),
    [
        ("*/15 * * * *", "2026-01-15T09:30:00Z", ["01-15T09:45", "01-15T10:00"]),
        ("0 9 * * mon-fri", "2026-01-16T09:00:00Z", ["01-19T09:00", "01-20T09:00"]),
        ("30 6 1 * *", "2026-01-15T00:00:00Z", ["02-01T06:30", "03-01T06:30"]),
        ("0 0 31 * *", "2026-01-31T00:00:00Z", ["03-31T00:00", "05-31T00:00"]),
        ("0 0 29 feb *", "2026-01-01T00:00:00Z", ["02-29T00:00", "02-29T00:00"]),
        ("0 12 * * 0", "2026-01-15T00:00:00Z", ["01-18T12:00", "01-25T12:00"]),
        ("0 12 * * 7", "2026-01-15T00:00:00Z", ["01-18T12:00", "01-25T12:00"]),
        ("5,35 8-10/2 * * *", "2026-01-15T08:05:00Z", ["01-15T08:35", "01-15T10:05"]),
        ("0 22/1 * * *", "2026-01-15T00:00:00Z", ["01-15T22:00", "01-15T23:00"]),
    ],
)
def test_cron_is_read_as_cron_is(expression: str, after: str, expected: list[str]) -> None:
    assert ticks(expression, "UTC", after, len(expected)) == expected


def test_a_rate_counts_from_the_schedules_creation() -> None:
    first = next_tick("rate(15 minutes)", "UTC", after=ANCHOR, anchor=ANCHOR)
    late = next_tick("rate(15 minutes)", "UTC", after=ANCHOR + timedelta(minutes=50), anchor=ANCHOR)

    assert (first - ANCHOR, late - ANCHOR) == (timedelta(minutes=15), timedelta(hours=1))


@pytest.mark.parametrize(
    ("zone", "expression", "after", "expected"),
    [
        # 2026-03-29: from 02:00 to 03:00 there is no clock in Berlin; 02:30 is an hour later.
        ("Europe/Berlin", "30 2 * * *", "2026-03-28T12:00:00Z", ["03-29T01:30", "03-30T00:30"]),
        # 2026-10-25: 02:30 comes twice; the first counts.
        ("Europe/Berlin", "30 2 * * *", "2026-10-24T12:00:00Z", ["10-25T00:30", "10-26T01:30"]),
        # Before and after, nine o'clock stays nine o'clock.
        ("Europe/Berlin", "0 9 * * *", "2026-03-28T00:00:00Z", ["03-28T08:00", "03-29T07:00"]),
        ("America/New_York", "30 1 * * *", "2026-11-01T00:00:00Z", ["11-01T05:30", "11-02T06:30"]),
        # Intervals go on through both.
        (
            "Europe/Berlin",
            "*/30 * * * *",
            "2026-10-25T00:00:00Z",
            ["10-25T00:30", "10-25T01:00", "10-25T01:30", "10-25T02:00"],
        ),
        (
            "Europe/Berlin",
            "*/30 * * * *",
            "2026-03-29T00:00:00Z",
            ["03-29T00:30", "03-29T01:00", "03-29T01:30"],
        ),
        # Half an hour of a leap, and one at midnight.
        ("Australia/Lord_Howe", "15 2 * * *", "2026-10-03T12:00:00Z", ["10-03T15:45"]),
        ("America/Havana", "0 0 * * *", "2026-03-07T12:00:00Z", ["03-08T05:00", "03-09T04:00"]),
    ],
)
def test_clocks_that_leap_cost_no_tick_and_add_none(
    zone: str, expression: str, after: str, expected: list[str]
) -> None:
    assert ticks(expression, zone, after, len(expected)) == expected


@given(
    st.sampled_from(ZONES),
    st.integers(0, 59),
    st.integers(0, 23),
    st.integers(0, 6 * 365 * 1440).map(lambda each: ANCHOR + timedelta(minutes=each)),
)
def test_a_daily_tick_comes_once_a_day_of_its_zone(
    zone: str, minute: int, hour: int, after: datetime
) -> None:
    found = [after]
    for _ in range(5):
        tick = next_tick(f"{minute} {hour} * * *", zone, after=found[-1], anchor=ANCHOR)
        found.append(tick)

    days = [each.astimezone(tz.gettz(zone)).date() for each in found[1:]]
    assert found == sorted(set(found))
    assert all(later - day == timedelta(days=1) for day, later in pairwise(days))


@given(
    st.sampled_from(ZONES),
    st.sampled_from(["rate(7 minutes)", "*/20 * * * *", "15,45 1-3 * * *", "0 0,23 * * sun"]),
    st.integers(0, 6 * 365 * 1440).map(lambda each: ANCHOR + timedelta(minutes=each)),
    st.integers(0, 1440).map(lambda each: timedelta(minutes=each, seconds=1)),
)
def test_the_last_tick_is_the_one_that_a_walk_comes_to(
    zone: str, expression: str, since: datetime, gap: timedelta
) -> None:
    until, last = since + gap, since
    while (tick := next_tick(expression, zone, after=last, anchor=ANCHOR)) <= until:
        last = tick

    assert last_tick(expression, zone, since=since, until=until, anchor=ANCHOR) == last


@pytest.mark.parametrize(
    ("expression", "since", "until", "expected"),
    [
        ("* * * * *", "2026-01-15T09:30:00Z", "2027-01-15T09:30:30Z", "2027-01-15T09:30"),
        ("0 0 29 feb *", "2026-01-15T09:30:00Z", "2029-01-15T09:30:30Z", "2028-02-28T23:00"),
        ("0 0 29 feb *", "2026-01-15T09:30:00Z", "2027-01-15T09:30:30Z", "2026-01-15T09:30"),
        ("0 9 * * *", "2026-01-15T08:00:00Z", "2026-01-15T07:00:00Z", "2026-01-15T08:00"),
        # There is no 23:30 in Nuuk on the 28th: it is due as the 29th's 00:30, before 01:30.
        ("30 1,23 * * *", "2026-03-01T00:00:00Z", "2026-03-29T02:00:00Z", "2026-03-29T01:30"),
    ],
)
def test_the_last_tick_of_years_is_found(
    expression: str, since: str, until: str, expected: str
) -> None:
    zone = "America/Nuuk" if "23" in expression else "Europe/Berlin"
    last = last_tick(expression, zone, since=at(since), until=at(until), anchor=ANCHOR)

    assert f"{last:%Y-%m-%dT%H:%M}" == expected


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "* * * *",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * * 13 *",
        "* * * * 8",
        "5-1 * * * *",
        "*/0 * * * *",
        "a * * * *",
        "0 0 30 feb *",
        "0 0 1 * mon",
        "rate(0 minutes)",
        "rate(5 seconds)",
        "rate(5 minutes",
        "0 0 ² * *",
    ],
)
def test_what_never_comes_due_is_refused(expression: str) -> None:
    with pytest.raises(BadExpression):
        next_tick(expression, "UTC", after=ANCHOR, anchor=ANCHOR)


@pytest.mark.parametrize("zone", ["", "/etc/passwd", "../UTC", "Mars/Olympus", "UTC+3", "Berlin"])
def test_a_zone_that_is_none_is_refused(zone: str) -> None:
    with pytest.raises(BadExpression):
        next_tick("0 9 * * *", zone, after=ANCHOR, anchor=ANCHOR)


@given(st.text(max_size=30))
def test_any_expression_is_read_or_refused(expression: str) -> None:
    try:
        found = next_tick(expression, "UTC", after=ANCHOR, anchor=ANCHOR)
    except BadExpression:
        return
    assert found > ANCHOR
