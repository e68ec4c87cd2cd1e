"""A report's day lies between two local midnights, whatever clocks do there."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch_processing.reports import days
from interchange.errors import Conflict, NotFound

ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "America/Havana",  # clocks change at midnight
    "Africa/Cairo",  # and from midnight on
    "Pacific/Kiritimati",
]
NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)
MONTH = timedelta(days=30)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", "2026-03-29", 23),
        ("Europe/Berlin", "2026-10-25", 25),
        ("Europe/Berlin", "2026-07-01", 24),
        ("America/New_York", "2026-03-08", 23),
        ("America/New_York", "2026-11-01", 25),
        ("Asia/Kathmandu", "2026-03-29", 24),
        ("Australia/Lord_Howe", "2026-10-04", 23.5),
        ("Australia/Lord_Howe", "2026-04-05", 24.5),
        ("America/Havana", "2026-03-08", 23),
        ("America/Havana", "2026-11-01", 25),
        ("Africa/Cairo", "2026-04-24", 23),
    ],
)
def test_a_day_is_as_long_as_clocks_make_it(zone: str, day: str, hours: float) -> None:
    found = days.of(date.fromisoformat(day), zone)

    assert (found.end - found.start) == timedelta(hours=hours)
    assert found.hours == -(-hours // 1)


def test_a_day_begins_at_local_midnight() -> None:
    found = days.of(date(2026, 1, 15), "Asia/Kathmandu")

    assert found.start == datetime(2026, 1, 14, 18, 15, tzinfo=UTC)
    assert found.label(0) == "2026-01-15T00:00+05:45"


def test_the_hour_that_comes_twice_has_two_names() -> None:
    found = days.of(date(2026, 10, 25), "Europe/Berlin")

    labels = [found.label(hour) for hour in range(found.hours)]

    assert labels[1:5] == [
        "2026-10-25T01:00+02:00",
        "2026-10-25T02:00+02:00",
        "2026-10-25T02:00+01:00",
        "2026-10-25T03:00+01:00",
    ]
    assert len(set(labels)) == 25


@given(
    st.dates(date(2020, 1, 1), date(2037, 12, 30)),
    st.sampled_from(ZONES),
    st.integers(0, 25 * 3600_000 - 1),
)
def test_days_leave_no_gap_and_every_moment_is_in_one_of_their_hours(
    day: date, zone: str, millis: int
) -> None:
    found = days.of(day, zone)
    moment = found.start + timedelta(milliseconds=millis)

    assert found.end == days.of(day + timedelta(days=1), zone).start
    assert (0 <= found.hour_of(moment) < found.hours) or moment >= found.end


@given(st.datetimes(datetime(2020, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - Hypothesis adds the zone
@pytest.mark.parametrize("zone", ZONES)
def test_the_day_before_a_moment_is_over_and_the_next_is_not(zone: str, moment: datetime) -> None:
    last = days.before(moment, zone)

    assert days.of(last, zone).end <= moment
    assert moment < days.of(last + timedelta(days=1), zone).end


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "2026-1-1", "20260101", "2026-W01-1"])
def test_what_names_no_day_has_no_report(text: str) -> None:
    with pytest.raises(NotFound):
        days.asked(text, "UTC", now=NOW, kept=MONTH)


@pytest.mark.parametrize(
    ("text", "zone", "code"),
    [
        ("2026-11-23", "UTC", "day_not_over"),
        ("2026-11-23", "Pacific/Kiritimati", "day_not_over"),
        ("9999-12-31", "UTC", "day_not_over"),
        ("0001-01-01", "Asia/Kathmandu", "day_not_kept"),
        ("2026-10-24", "UTC", "day_not_kept"),
    ],
)
def test_a_day_that_cannot_be_counted_is_refused(text: str, zone: str, code: str) -> None:
    with pytest.raises(Conflict) as refused:
        days.asked(text, zone, now=NOW, kept=MONTH)

    assert refused.value.code == code


def test_the_last_day_and_the_first_that_is_kept_can_be_reported() -> None:
    for text in ("2026-11-22", "2026-10-25"):
        assert days.asked(text, "UTC", now=NOW, kept=MONTH).date == text


def test_the_first_report_is_the_day_before_and_later_ones_leave_no_day_out() -> None:
    last = date(2026, 11, 22)

    assert list(days.made_up(last, None)) == [last]
    assert [each.day for each in days.made_up(last, "2026-11-20")] == [20, 21, 22]
    assert len(list(days.made_up(last, "2020-01-01"))) == days.MOST_MADE_UP
