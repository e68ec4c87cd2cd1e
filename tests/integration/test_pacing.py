"""Turns: at most so many a second, whoever asks, in whatever order."""

from datetime import timedelta
from typing import Any

import pytest

from interchange import clock, items
from message_queue.steering import pacing
from tests.faults import hooked
from tests.moto_cloud import Cloud

NOW = clock.parse("2026-01-15T09:30:00.000Z")
SECOND = timedelta(seconds=1)


def take(cloud: Cloud, count: int = 1, *, after: timedelta = timedelta(), rate: float = 2) -> Any:
    table = cloud.name("SteeringTable")
    found = pacing.take_turns(table, "type:x", count, per_second=rate, now=NOW + after)
    return [(each - NOW).total_seconds() for each in found]


def test_turns_follow_one_another_after_a_seconds_burst(cloud: Cloud) -> None:
    assert take(cloud, 4) == [0, 0, 0, 0.5]
    assert take(cloud, 2) == [1, 1.5]


def test_turns_that_nobody_took_are_not_saved_up(cloud: Cloud) -> None:
    take(cloud, 4)

    assert take(cloud, 4, after=60 * SECOND) == [60, 60, 60, 60.5]


def test_of_two_who_ask_at_once_each_has_turns_of_its_own(cloud: Cloud) -> None:
    others: list[Any] = []

    def other_first(**_: Any) -> None:
        if not others:
            others.append(None)
            others[0] = take(cloud, 4)

    with hooked("before-call.dynamodb.UpdateItem", other_first):
        mine = take(cloud, 2)

    assert sorted([*others[0], *mine]) == [0, 0, 0, 0.5, 1, 1.5]


@pytest.mark.parametrize("rate", [1, 14, 50, 1000])
def test_a_thousand_turns_take_as_long_as_they_should(cloud: Cloud, rate: int) -> None:
    turns = take(cloud, 1000, rate=rate)

    assert turns == sorted(turns)
    assert turns[-1] == pytest.approx(max(0, 999 / rate - 1), abs=0.01)


@pytest.mark.parametrize("counts", [[200_000], [1, 90_000, 90_000], [90_000] * 4])
def test_a_counter_is_not_deleted_before_the_last_turn_it_gave(
    cloud: Cloud, counts: list[int]
) -> None:
    table = cloud.name("SteeringTable")
    for count in counts:
        last = pacing.take_turns(table, "type:x", count, per_second=1, now=NOW)[-1]
        (row,) = map(items.unpack, cloud.rows("SteeringTable"))
        assert row["expires_epoch"] > last.timestamp()

    assert (last - NOW).total_seconds() == sum(counts) - 2  # a second's burst


def test_a_counter_that_nobody_asks_is_deleted_within_days(cloud: Cloud) -> None:
    take(cloud)
    take(cloud)

    (row,) = map(items.unpack, cloud.rows("SteeringTable"))
    assert row["expires_epoch"] <= (NOW + timedelta(days=3)).timestamp()
