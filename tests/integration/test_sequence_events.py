"""Numbering the events of each key."""

from typing import Any

import pytest

from interchange import items, store
from publish_subscribe.sequences import topic_key
from tests.architecture import Json
from tests.aws_events import queue
from tests.cloud_events import message
from tests.faults import ProcessDied, conflicting, death_after_call, refusing
from tests.moto_cloud import Cloud


def ordered(id: str, key: str | None = "k", **given: Any) -> Json:
    return message(id=id, key=key, topic="orders", **given)


def sequence(cloud: Cloud, *bodies: Json) -> list[str]:
    """Number events and name the messages that come back."""
    answer = cloud.invoke("SequenceEventsFunction", queue(*bodies))
    return [each["itemIdentifier"] for each in answer["batchItemFailures"]]


def numbers(cloud: Cloud, key: str = "k", topic: str = "orders") -> list[tuple[int, str]]:
    found = store.index_rows(
        cloud.name("SequencesTable"),
        "by-key",
        "#topic_key = :topic_key",
        {"topic_key": topic_key(topic, key)},
    )
    return [(row["number"], row["id"]) for row in found]


def test_a_keys_events_are_numbered_from_one_and_each_key_for_itself(cloud: Cloud) -> None:
    events = [ordered("evt_1"), ordered("evt_2"), ordered("evt_3", "other"), ordered("evt_4")]

    assert sequence(cloud, *events) == []

    assert numbers(cloud) == [(1, "evt_1"), (2, "evt_2"), (3, "evt_4")]
    assert numbers(cloud, "other") == [(1, "evt_3")]


def test_an_event_that_comes_twice_keeps_its_number(cloud: Cloud) -> None:
    sequence(cloud, ordered("evt_1"), ordered("evt_2"))

    assert sequence(cloud, ordered("evt_1"), ordered("evt_1", replay="rpl_1")) == []
    assert numbers(cloud) == [(1, "evt_1"), (2, "evt_2")]


@pytest.mark.parametrize("call", [1, 2])
def test_a_death_leaves_no_gap_and_gives_no_second_number(cloud: Cloud, call: int) -> None:
    with death_after_call(call), pytest.raises(ProcessDied):
        sequence(cloud, ordered("evt_1"))

    sequence(cloud, ordered("evt_1"), ordered("evt_2"))

    assert numbers(cloud) == [(1, "evt_1"), (2, "evt_2")]


def test_an_event_that_another_overtook_comes_back(cloud: Cloud) -> None:
    with conflicting("ConditionalCheckFailed", "None"):
        assert sequence(cloud, ordered("evt_1")) == ["message-0"]


def test_an_event_that_cannot_be_numbered_now_comes_back(cloud: Cloud) -> None:
    with refusing("dynamodb", "TransactWriteItems", "ThrottlingException"):
        assert sequence(cloud, ordered("evt_1")) == ["message-0"]


def test_an_event_without_a_key_is_dropped(cloud: Cloud) -> None:
    assert sequence(cloud, ordered("evt_1", None)) == []
    assert cloud.rows("SequencesTable") == []


def test_the_counter_outlives_what_it_counted(cloud: Cloud) -> None:
    sequence(cloud, ordered("evt_1"))
    sequence(cloud, ordered("evt_2"))

    rows = [items.unpack(row) for row in cloud.rows("SequencesTable")]
    (counter,) = (row for row in rows if row["id"].startswith("key#"))
    assert counter["expires_epoch"] == max(row["expires_epoch"] for row in rows)
