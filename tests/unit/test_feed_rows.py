"""Reading a feed's rows, and the places that its pages go on from."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch_processing.formats.dialects import Dialect
from batch_processing.syncing import feed_rows, pages
from batch_processing.syncing.feed_rows import COLUMNS, FeedRow
from batch_processing.syncing.feeds import Feed, FeedFailed
from batch_processing.syncing.leftovers import Ids, digest, is_too_much
from tests.feed_source import as_csv, as_lines, at, product

LINES = Dialect("ndjson", sorted(COLUMNS))
CSV = Dialect("csv", ["id", "name", "description", "category", "price", "currency", "updated_at"])
HOURS = st.integers(-12, 14).map(lambda hours: timezone(timedelta(hours=hours)))


def read(data: bytes, dialect: Dialect = LINES) -> list[FeedRow]:
    return list(feed_rows.read(data, dialect, first_row=1))


def rows_of(csv: bytes) -> bytes:
    return csv.partition(b"\r\n")[2]


@given(st.lists(st.datetimes(timezones=HOURS, min_value=datetime(1900, 1, 1)), min_size=2))  # noqa: DTZ001 - the zone is drawn
def test_times_of_all_zones_sort_as_texts(moments: list[datetime]) -> None:
    texts = [feed_rows.instant(each.isoformat()) for each in moments]

    assert [datetime.fromisoformat(each) for each in sorted(texts)] == sorted(moments)


@given(st.text() | st.from_regex(r"[0-9T:.Z+-]{10,35}", fullmatch=True))
def test_what_is_no_time_is_refused_and_breaks_nothing(text: str) -> None:
    try:
        found = feed_rows.instant(text)
    except ValueError:
        return
    assert found.endswith("Z")


@pytest.mark.parametrize(
    "text", ["2026-01-15", "2026-01-15T09:30:00", "20260115T093000Z", "9999-12-31T23:59:59-14:00"]
)
def test_a_time_says_its_zone_and_is_one(text: str) -> None:
    with pytest.raises(ValueError, match="time"):
        feed_rows.instant(text)


def test_a_product_and_its_end_are_told_apart() -> None:
    gone = {"id": "pot", "updated_at": at(1), "deleted": True}
    cup, pot = read(as_lines([product("cup", price=7), gone]))

    assert (cup.id, cup.fields and cup.fields["price"], cup.errors) == ("cup", 7, [])
    assert (pot.id, pot.fields, pot.errors) == ("pot", None, [])
    assert pot.at == "2026-01-15T09:30:01.000000Z"


def test_numbers_of_csv_are_read_and_what_is_none_is_named() -> None:
    texts = as_csv([product("cup", price=7), product("pot", price="7.5"), product("can", price="")])
    cup, pot, can = read(rows_of(texts), CSV)

    assert cup.fields
    assert cup.fields["price"] == 7
    assert [each["column"] for row in (pot, can) for each in row.errors] == ["price", "price"]


def test_a_row_from_nowhere_has_no_place_to_go_on_from() -> None:
    (nowhere,) = read(b'{"name": "Cup"}\n')
    (whenever,) = read(as_lines([product("cup") | {"updated_at": 7}]))
    (text,) = read(b"cup\n")

    assert not any(row.is_placed for row in (nowhere, whenever, text))
    assert (whenever.id, text.errors[0]["code"]) == ("cup", "row_malformed")


def test_a_page_is_asked_for_by_the_last_rows_own_words() -> None:
    rows = read(as_lines([product("cup", seconds=1), product("pot", seconds=2)]))
    behind = pages.behind(rows, {})

    assert behind == {"since": at(2), "after": "pot"}
    assert pages.url("https://b.co/feed?token=t", behind) == (
        "https://b.co/feed?token=t&updated_since=2026-01-15T09%3A30%3A02%2B00%3A00&after=pot&limit=500"
    )
    assert pages.url("https://b.co/feed", {}) == "https://b.co/feed?limit=500"


def test_a_page_that_goes_back_or_repeats_is_refused() -> None:
    rows = read(as_lines([product("cup", seconds=1), product("pot", seconds=2)]))
    place = pages.behind(rows, {})

    for given_rows, code in ((rows[::-1], "feed_unordered"), (rows[1:], "feed_stuck")):
        with pytest.raises(FeedFailed) as failed:
            pages.checked(iter(given_rows), {} if code == "feed_unordered" else place)
        assert failed.value.code == code


def test_the_cursor_is_the_last_rows_time_but_never_in_the_future() -> None:
    now = datetime(2026, 1, 15, 9, 30, 1, tzinfo=UTC)
    known = {"cursor": "2026-01-01T00:00:00.000000Z"}

    assert pages.cursor({"since": at(0), "after": "a"}, known, began=now) == feed_rows.instant(
        at(0)
    )
    assert pages.cursor({"since": at(60), "after": "a"}, {}, began=now) == feed_rows.instant(at(1))
    assert pages.cursor({"since": at(60)}, known, began=now) == known["cursor"]


@given(st.sets(st.text(min_size=1)), st.text(min_size=1))
def test_an_id_is_seen_where_it_was_noted(ids: set[str], other: str) -> None:
    seen = Ids(map(digest, ids))

    assert all(each in seen for each in ids)
    assert (other in seen) == (other in ids)


@pytest.mark.parametrize(
    ("owned", "percent", "most"), [(0, 0, 0), (5, 20, 1), (5, 0, 0), (5, 100, 5), (1000, 33, 330)]
)
def test_a_feed_may_lack_so_many_percent(owned: int, percent: int, most: int) -> None:
    assert not is_too_much(most, owned, percent)
    assert is_too_much(most + 1, owned, percent)


def test_each_feed_has_a_name_of_its_own() -> None:
    url = Feed("https://b.co/", "", "", "csv", "full")
    others = [
        Feed("https://b.co/", "", "", "csv", "incremental"),
        Feed("", "b", "k", "csv", "full"),
    ]

    assert len({each.digest for each in (url, *others)}) == 3
