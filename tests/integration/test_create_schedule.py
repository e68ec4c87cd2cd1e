"""Declaring a recurring task."""

from typing import Any

import pytest

from interchange import clock
from tests.answers import body_of, pointers, refusal
from tests.architecture import Json
from tests.aws_events import request
from tests.moto_cloud import Cloud
from tests.task_rows import MAIL, call, steering

HOURLY = {"expression": "rate(1 hour)", "task": {"type": "users_report"}}


def create(cloud: Cloud, **given: Any) -> Json:
    body = HOURLY | given
    return call(cloud, "CreateScheduleFunction", "POST", "/schedules", body=body)


def test_a_schedule_says_when_it_is_due_next(cloud: Cloud) -> None:
    answer = create(cloud)

    shown = body_of(answer)
    assert answer["statusCode"] == 201
    assert answer["headers"]["Location"] == f"schedules/{shown['id']}"
    wait = clock.parse(shown["next_at"]) - clock.parse(shown["created_at"])
    assert (wait.total_seconds(), shown["missed"], shown["timezone"]) == (3600, "skip", "UTC")
    assert shown["type"] == "users_report"


def test_a_schedule_does_not_show_what_may_be_personal(cloud: Cloud) -> None:
    answer = create(cloud, task={"type": "email_notification", **MAIL})

    assert "ada@example.com" not in answer["body"]
    assert "user_id" in steering(cloud, "schedule")[0]


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"expression": "0 9 30 2 *"}, "/expression"),
        ({"expression": "every day"}, "/expression"),
        ({"expression": "0 9 * * *", "timezone": "Mars/Olympus"}, "/expression"),
        ({"missed": "all"}, "/missed"),
        ({"task": {"type": "email_notification", **MAIL, "recipient": 7}}, "/task/recipient"),
        ({"task": {"type": "users_report", "run_at": "2027-01-01T00:00:00Z"}}, "/task/run_at"),
        ({"task": {"type": "users_report", "ordering_key": "a"}}, "/task/ordering_key"),
    ],
)
def test_a_schedule_that_cannot_work_is_refused(cloud: Cloud, given: Json, place: str) -> None:
    assert pointers(create(cloud, **given)) == [place]
    assert steering(cloud, "schedule") == []


def test_an_unknown_type_is_refused_with_its_place(cloud: Cloud) -> None:
    answer = create(cloud, task={"type": "fax"})

    assert refusal(answer) == (422, "task_type_unknown")
    assert body_of(answer)["errors"][0]["pointer"] == "/task/type"


def test_the_same_request_makes_one_schedule(cloud: Cloud) -> None:
    headers = {"Idempotency-Key": "key-1"}
    event = request("POST", "/api/tasks/schedules", body=HOURLY, headers=headers)

    answers = [cloud.invoke("CreateScheduleFunction", event) for _ in range(2)]

    assert body_of(answers[0]) == body_of(answers[1])
    assert len(steering(cloud, "schedule")) == 1
