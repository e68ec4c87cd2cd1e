"""Welcoming who registers."""

import json
from typing import Any

import pytest

from interchange import items
from tests.architecture import Json
from tests.aws_events import queue
from tests.cloud_events import TRACE, message
from tests.moto_cloud import Cloud

ADA = {"email": "ada@example.com", "name": "Ada"}


def registered(data: Any = ADA, **given: str) -> Json:
    return message(data=data, **given)


def welcome(cloud: Cloud, *bodies: object) -> list[Json]:
    """Handle events of which none comes back; give the tasks there are."""
    assert cloud.invoke("WelcomeUserFunction", queue(*bodies)) == {"batchItemFailures": []}
    return list(map(items.unpack, cloud.rows("TasksTable")))


def test_a_registration_becomes_a_task_with_the_registrations_trace(cloud: Cloud) -> None:
    (task,) = welcome(cloud, registered())

    assert json.loads(task["payload"]) == {
        "recipient": "ada@example.com",
        "subject": "Welcome!",
        "body": "Hello Ada,\n\nwelcome aboard.",
    }
    assert (task["type"], task["status"], task["attempts"]) == ("email_notification", "queued", 0)
    assert (task["correlation_id"], task["traceparent"]) == TRACE


def test_a_registration_that_comes_twice_is_one_task(cloud: Cloud) -> None:
    welcome(cloud, registered(), registered())

    assert len(welcome(cloud, registered())) == 1


def test_two_registrations_are_two_tasks(cloud: Cloud) -> None:
    assert len(welcome(cloud, registered(id="evt_1"), registered(id="evt_2"))) == 2


def test_two_publishers_may_use_the_same_id(cloud: Cloud) -> None:
    assert len(welcome(cloud, registered(), registered(source="/elsewhere"))) == 2


@pytest.mark.parametrize("nameless", [{}, {"name": None}])
def test_without_a_name_the_welcome_names_nobody(cloud: Cloud, nameless: Json) -> None:
    (task,) = welcome(cloud, registered({"email": "ada@example.com"} | nameless))

    assert json.loads(task["payload"])["body"] == "Hello,\n\nwelcome aboard."


@pytest.mark.parametrize("data", [None, [], "ada@example.com", {}, {"email": None}, {"email": 7}])
def test_an_event_without_an_address_is_dropped(cloud: Cloud, data: Any) -> None:
    assert welcome(cloud, registered(data)) == []


@pytest.mark.parametrize(
    "data",
    [{"email": "no address"}, {"email": ""}],
)
def test_an_event_that_makes_no_mail_makes_no_task_that_must_die(cloud: Cloud, data: Any) -> None:
    """Anyone with a key may publish this type: that must not call a person out of bed."""
    assert welcome(cloud, registered(data)) == []
