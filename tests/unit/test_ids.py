"""Ids: new ones sort by time, derived ones meet."""

import re
import time
import uuid
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from interchange import ids


def of(id: str) -> uuid.UUID:
    return uuid.UUID(id.partition("_")[2])


def test_a_new_id_is_a_prefix_and_a_uuid_of_version_7() -> None:
    id = ids.new("tsk")

    assert re.fullmatch(r"tsk_[0-9a-f]{32}", id)
    assert of(id).version == 7
    assert of(id).variant == uuid.RFC_4122


def test_a_new_id_begins_with_the_milliseconds_of_now() -> None:
    before = time.time_ns() // 1_000_000
    id = ids.new("tsk")
    after = time.time_ns() // 1_000_000

    assert before <= of(id).int >> 80 <= after


def test_new_ids_sort_by_time() -> None:
    made = []
    for _ in range(5):
        made.append(ids.new("evt"))
        time.sleep(0.002)

    assert made == sorted(made)


def test_new_ids_of_one_moment_differ() -> None:
    assert len({ids.new("evt") for _ in range(1000)}) == 1000


parts = st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))


@given(parts, parts)
def test_derived_ids_meet_exactly_if_their_parts_do(one: list[str], other: list[str]) -> None:
    same = (one or [""]) == (other or [""])

    assert (ids.derived("evt", *one) == ids.derived("evt", *other)) == same


def test_a_derived_id_stays_the_same_from_release_to_release() -> None:
    assert ids.derived("usr", "ada@example.com") == "usr_b5fc85e55755f9e0d030a10ab4429b6b"


def test_an_id_after_another_sorts_behind_it_and_is_the_same_each_time() -> None:
    first = ids.new("evt")

    found = [ids.after(first, offset) for offset in range(100)]

    assert found[0] == first
    assert sorted(set(found)) == found == [ids.after(first, offset) for offset in range(100)]


def test_the_first_id_of_a_moment_sorts_between_those_before_and_those_after() -> None:
    before = ids.new("job")
    time.sleep(0.003)
    now = datetime.now(UTC)
    first = ids.first("job", now)

    assert before < first < ids.new("job")
    assert first == ids.first("job", now.replace(microsecond=now.microsecond // 1000 * 1000))
