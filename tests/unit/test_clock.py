"""Times as texts: in UTC, and sorting as times do."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interchange import clock

zones = st.integers(-14 * 60, 14 * 60).map(lambda each: timezone(timedelta(minutes=each)))
moments = st.datetimes(datetime(1990, 1, 1), datetime(2190, 1, 1), timezones=zones)  # noqa: DTZ001 - the zones follow


def test_now_is_in_utc() -> None:
    assert clock.now().utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 1, 15, 9, 30, tzinfo=UTC), "2026-01-15T09:30:00.000Z"),
        (datetime(2026, 1, 15, 9, 30, 0, 999_999, tzinfo=UTC), "2026-01-15T09:30:00.999Z"),
        (datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=2))), "2025-12-31T22:00:00.000Z"),
    ],
)
def test_a_time_is_written_as_rfc_3339_in_utc_with_milliseconds(
    moment: datetime, text: str
) -> None:
    assert clock.rfc3339(moment) == text


@given(moments, moments)
def test_texts_sort_as_their_times_do(one: datetime, other: datetime) -> None:
    if one <= other:
        assert clock.rfc3339(one) <= clock.rfc3339(other)


@given(moments)
def test_what_was_written_is_read_to_the_millisecond(moment: datetime) -> None:
    read = clock.parse(clock.rfc3339(moment))

    assert timedelta(0) <= moment - read < timedelta(milliseconds=1)
