"""Keeping every published event."""

import json
import time

import pytest

from interchange import items
from tests.architecture import parameters
from tests.aws_events import queue
from tests.cloud_events import message
from tests.faults import refusing
from tests.moto_cloud import Cloud

DAY = 24 * 3600


def log(cloud: Cloud, *bodies: object) -> list[str]:
    """Log a batch and name the messages that come back."""
    answer = cloud.invoke("LogEventFunction", queue(*bodies))
    return [each["itemIdentifier"] for each in answer["batchItemFailures"]]


def test_an_event_is_kept_as_its_subscribers_got_it(cloud: Cloud) -> None:
    assert log(cloud, message()) == []

    (row,) = map(items.unpack, cloud.rows("EventsTable"))
    assert json.loads(row["event"]) == message()
    assert (row["topic"], row["type"]) == ("user-events", "user.registered")


def test_an_event_is_kept_for_as_long_as_the_template_says(cloud: Cloud) -> None:
    log(cloud, message())

    kept = int(cloud.rows("EventsTable")[0]["expires_epoch"]["N"]) - time.time()
    assert kept == pytest.approx(int(parameters()["RetentionDays"]) * DAY, abs=60)


def test_an_event_that_comes_twice_is_kept_once(cloud: Cloud) -> None:
    assert log(cloud, message(), message()) == []
    assert log(cloud, message()) == []

    assert len(cloud.rows("EventsTable")) == 1


def test_what_is_no_event_comes_back_and_takes_no_neighbour_along(cloud: Cloud) -> None:
    assert log(cloud, message(id="evt_1"), {"id": "evt_2"}, "no JSON", message(id="evt_3")) == [
        "message-1",
        "message-2",
    ]
    assert {row["id"]["S"] for row in cloud.rows("EventsTable")} == {"evt_1", "evt_3"}


def test_an_event_that_cannot_be_kept_now_comes_back(cloud: Cloud) -> None:
    with refusing("dynamodb", "PutItem", "ThrottlingException"):
        assert log(cloud, message()) == ["message-0"]

    assert log(cloud, message()) == []
