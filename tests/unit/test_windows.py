"""Windows of time: every way to write a moment, one way to compare it."""

import contextlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interchange import clock, windows
from interchange.windows import ALWAYS

OFFSETS = st.integers(-23 * 60, 23 * 60).map(lambda each: timezone(timedelta(minutes=each)))
MOMENTS = st.datetimes(
    min_value=datetime(1970, 1, 2),  # noqa: DTZ001 - the strategy adds the zone
    max_value=datetime(2999, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


@given(MOMENTS, OFFSETS)
def test_a_bound_is_the_same_in_every_offset(moment: datetime, offset: timezone) -> None:
    elsewhere = moment.astimezone(offset).isoformat()

    assert windows.bound(elsewhere) == windows.bound(moment.isoformat())


@given(MOMENTS, MOMENTS)
def test_a_bound_divides_what_is_recorded_as_the_moment_does(
    recorded: datetime, bound: datetime
) -> None:
    """What is recorded has milliseconds; a bound may fall between two of them."""
    recorded = recorded.replace(microsecond=recorded.microsecond // 1000 * 1000)

    before = clock.rfc3339(recorded) < windows.bound(bound.isoformat())

    assert before == (recorded < bound)


@given(MOMENTS)
def test_always_holds_every_moment(moment: datetime) -> None:
    assert ALWAYS.start < clock.rfc3339(moment) < ALWAYS.end


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-15T09:30:00Z", "2026-01-15T09:30:00.000Z"),
        ("2026-01-15t09:30:00z", "2026-01-15T09:30:00.000Z"),
        ("2026-01-15T10:30:00.5+01:00", "2026-01-15T09:30:00.500Z"),
        ("2026-01-15T09:30:00.000000001Z", "2026-01-15T09:30:00.001Z"),
        ("2026-01-15T09:30:00.0000005Z", "2026-01-15T09:30:00.001Z"),
        ("2026-01-15T09:30:00.999001Z", "2026-01-15T09:30:01.000Z"),
        ("2026-01-15T09:30:00-23:59", "2026-01-16T09:29:00.000Z"),
    ],
)
def test_a_bound_counts_a_part_of_a_millisecond_up(text: str, expected: str) -> None:
    assert windows.bound(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026-01-15",
        "2026-01-15T09:30:00",
        "2026-01-15 09:30:00Z",
        "2026-01-15T09:30Z",
        "2026-01-15T09:30:00 01:00",
        "2026-01-15T09:30:00+0100",
        "2026-01-15T09:30:00.Z",
        "2026-02-30T00:00:00Z",
        "2026-01-15T24:00:01Z",
        "2026-01-15T23:59:60Z",
        "2026-01-15T09:30:00+24:00",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59.9999Z",
        "9999-12-31T23:59:59-01:00",
        "٢٠٢٦-01-15T09:30:00Z",
        "2026-01-15T09:30:00Z\n",
        "\ud800",
    ],
)
def test_what_is_no_moment_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        windows.bound(text)


@given(st.text())
def test_any_text_is_a_bound_or_a_value_error(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert windows.bound(text).endswith("Z")
