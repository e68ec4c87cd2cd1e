"""When a delivery is tried again."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webhook.delivering import retries

NOW = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
NONE = timedelta()
GAPS = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]


def wait(failures: int, *, asked: timedelta = NONE, first: datetime = NOW) -> float | None:
    due = retries.next_due(failures, first=first, now=NOW, retry_after=asked, scale=1)
    return None if due is None else (due - NOW).total_seconds()


@pytest.mark.parametrize(("failures", "gap"), list(enumerate(GAPS, 1)))
def test_the_gaps_are_the_tables_with_up_to_a_fifth_of_jitter(failures: int, gap: int) -> None:
    waits = [wait(failures) or 0 for _ in range(200)]

    assert gap <= min(waits) < max(waits) <= gap * 1.2


def test_after_the_tenth_failure_there_is_no_more() -> None:
    assert wait(10) is None


def test_retry_after_makes_it_later_and_never_earlier() -> None:
    assert wait(1, asked=timedelta(hours=1)) == 3600
    assert (wait(4, asked=timedelta(seconds=1)) or 0) >= 7200


@given(st.integers(1, 9), st.timedeltas(timedelta(0), timedelta(days=9_000)))
def test_retry_after_ends_where_the_table_does(failures: int, asked: timedelta) -> None:
    longest = max(sum(GAPS), GAPS[failures - 1] * 1.2)

    assert 0 < (wait(failures, asked=asked) or 0) <= longest


def test_at_the_tables_end_retry_after_asks_for_nothing_more() -> None:
    long_ago = NOW - timedelta(days=30)

    assert 86_400 <= (wait(9, asked=timedelta(days=9), first=long_ago) or 0) <= 86_400 * 1.2


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, 0),
        ("120", 120),
        (" 120 ", 120),
        ("0", 0),
        ("1.2", 2),
        ("0.001", 1),
        ("-5", 0),
        ("1e9", 0),
        ("soon", 0),
        ("", 0),
        ("١٢", 0),
        (format_datetime(NOW + timedelta(minutes=2), usegmt=True), 120),
        (format_datetime(NOW - timedelta(minutes=2), usegmt=True), 0),
        ("Thursday, 15-Jan-26 09:32:00 GMT", 120),
        ("Thu Jan 15 09:32:00 2026", 120),
        ("Thu, 15 Jan 2026 11:32:00 +0200", 120),
        ("Thu, 99 Jan 2026 11:32:00 GMT", 0),
        ("Thu, 15 Jan 99999999999 11:32:00 GMT", 0),
    ],
)
def test_retry_after_is_seconds_or_a_date(text: str | None, seconds: int) -> None:
    assert retries.retry_after(text, now=NOW) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text", ["9" * 9, "9" * 10, "99999999999", "9" * 5000, f" 0{'9' * 400}.{'9' * 400} "]
)
def test_retry_after_of_any_length_is_beyond_every_horizon(text: str) -> None:
    asked = retries.retry_after(text, now=NOW)

    assert asked > retries.HORIZON
    assert wait(1, asked=asked) == retries.HORIZON.total_seconds()


@given(st.integers(0, 10**6), st.text("0123456789", min_size=1, max_size=6))
def test_retry_afters_decimals_are_rounded_up(seconds: int, decimals: str) -> None:
    asked = retries.retry_after(f"{seconds}.{decimals}", now=NOW).total_seconds()

    assert asked == seconds + (int(decimals) > 0)


@given(st.text())
def test_any_retry_after_is_a_wait_or_none(text: str) -> None:
    assert retries.retry_after(text, now=NOW) >= NONE


def test_an_endpoint_has_five_days() -> None:
    assert timedelta(days=5) == retries.PATIENCE
    assert timedelta(seconds=sum(GAPS)) == retries.HORIZON
