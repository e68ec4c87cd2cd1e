"""A day is counted the same however often the counting is interrupted, and its row has a bound."""

import json
from datetime import date
from itertools import batched
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch_processing.reports import counting, days, sources
from batch_processing.reports.counting import Reading
from batch_processing.reports.sources import Places, Source
from interchange import items, store, tasks
from interchange.store import Item, Page
from message_queue import lifecycle

DAY = days.of(date(2026, 1, 15), "UTC")
NOWHERE = Places(("t", "i"), ("t", "i"), ("t", "i"), ("t", "i"), "e", "t")


def source(partitions: dict[str, list[str]], *, at_once: int) -> Source:
    """Make a source of partitions in pages of one, whose rows come some at once."""

    class Rows(Source):
        def page(self, partition: str, *, size: int, after: Item | None) -> Page:
            assert size > 0
            pages = list(batched(partitions[partition], at_once, strict=False)) or [()]
            at = (after or {}).get("at", 0)
            last = {"at": at + 1} if at + 1 < len(pages) else None
            return Page([{"name": each} for each in pages[at]], last)

    def named(after: Item | None) -> Page:
        names, at = sorted(partitions), (after or {}).get("at", 0)
        last = {"at": at + 1} if at + 1 < len(names) else None
        return Page([{"id": each} for each in names[at : at + 1]], last)

    return Rows(("t", "i"), ("p", "s"), ("0", "9"), named, lambda row: iter([(row["name"], 1)]))


NAMES = st.sampled_from(["topic:a", "topic:b", "task:x:dead"])
PARTITIONS = st.dictionaries(st.sampled_from("abc"), st.lists(NAMES, max_size=6), max_size=3)


@given(st.lists(PARTITIONS, max_size=3), st.integers(1, 3))
def test_a_reading_that_is_handed_over_after_each_page_counts_every_row_once(
    given: list[dict[str, list[str]]], at_once: int
) -> None:
    found = [source(each, at_once=at_once) for each in given]
    kept, steps = Reading().kept(), 0
    while True:
        reading = Reading(**items.unpack(items.pack(kept)))
        if reading.read(found, is_late=lambda: True):
            break
        kept, steps = reading.kept(), steps + 1
        assert steps < 100

    names = [name for each in given for rows in each.values() for name in rows]
    assert reading.counts == {name: names.count(name) for name in names}
    assert reading.rows == len(names)
    assert Reading(**reading.kept()).read(found, is_late=lambda: True)  # all is read already


def test_names_that_callers_give_have_a_bound_and_ours_have_none() -> None:
    given = [f"topic:{each}" for each in range(counting.MOST_NAMES + 10)] + ["task:x:dead"]
    reading = Reading()

    reading.read([source({"a": given}, at_once=1000)], is_late=lambda: False)

    assert reading.counts["topic:other"] == 10
    assert reading.counts["task:x:dead"] == 1
    assert sum(reading.counts.values()) == len(given)
    assert len(json.dumps(items.pack(reading.kept()))) < 400_000


def money(**paid: Any) -> list[tuple[str, int]]:
    event = {"data": {"type": "payment_intent.succeeded", "data": {"object": paid}}}
    return amounts(json.dumps(event))


def amounts(event: str) -> list[tuple[str, int]]:
    row = {"type": sources.PAID, "event": event}
    return [each for each in sources._payment(row) if not each[0].startswith("payment:")]


def test_what_was_paid_is_added_up_in_its_currency() -> None:
    assert money(amount=1999, currency="EUR") == [("currency:eur", 1), ("amount:eur", 1999)]
    assert money(amount=5, amount_received=3, currency="usd")[1] == ("amount:usd", 3)


@pytest.mark.parametrize(
    "event",
    [
        "{}",
        "[]",
        '"text"',
        '{"data": null}',
        '{"data": {"data": {"object": []}}}',
        '{"data": {"data": {"object": {"amount": true, "currency": "eur"}}}}',
        '{"data": {"data": {"object": {"amount": 1.5, "currency": "eur"}}}}',
        '{"data": {"data": {"object": {"amount": -1, "currency": "eur"}}}}',
        '{"data": {"data": {"object": {"amount": 1e99, "currency": "eur"}}}}',
        '{"data": {"data": {"object": {"amount": 5}}}}',
        '{"data": {"data": {"object": {"amount": 5, "currency": "euro"}}}}',
        '{"data": {"data": {"object": {"amount": 5, "currency": ["eur"]}}}}',
    ],
)
def test_a_payment_that_says_nothing_of_money_is_counted_all_the_same(event: str) -> None:
    assert amounts(event) == [("currency:unknown", 1), ("amount:unknown", 0)]


def test_a_task_is_in_one_of_the_partitions_whatever_its_state() -> None:
    states = {*lifecycle.STATES, lifecycle.PARKED}

    assert set(tasks.LISTINGS) == states
    assert {tasks.listing(each, "tsk_1") for each in states} <= set(
        tasks.partitions(tasks.LISTINGS)
    )


def test_tasks_are_counted_once_they_have_ended() -> None:
    assert set(tasks.OUTCOMES) == set(lifecycle.ENDED)


def test_each_source_reads_its_index_by_the_indexs_own_keys(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[str, Item]] = []

    def page(table: str, index: str, where: str, values: Item, **_: Any) -> Page:
        asked.append((where, values))
        return Page([], None)

    monkeypatch.setattr(store, "index_page", page)
    for each in sources.of(DAY, NOWHERE):
        each.page("p", size=1, after=None)

    assert [where for where, _ in asked] == [
        "#listing = :partition AND #listed_at BETWEEN :first AND :last",
        "#endpoint_id = :partition AND #created_at BETWEEN :first AND :last",
        "#list_of = :partition AND #job_id BETWEEN :first AND :last",
        "#topic = :partition AND #position BETWEEN :first AND :last",
    ]
    assert all(values["first"] < values["last"] for _, values in asked)
