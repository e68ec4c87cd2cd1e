"""Taking work on."""

import json
from typing import Any

import pytest

from interchange import items
from tests.answers import body_of, pointers, refusal
from tests.architecture import Json
from tests.aws_events import request
from tests.faults import refusing
from tests.moto_cloud import Cloud

MAIL = {"type": "email_notification", "recipient": "ada@example.com", "subject": "Hello"}


def enqueue(cloud: Cloud, body: Any = MAIL, **headers: str) -> Json:
    event = request("POST", "/api/tasks/enqueue", body=body, headers=headers)
    answer: Json = cloud.invoke("EnqueueTaskFunction", event)
    return answer


def tasks(cloud: Cloud) -> list[Json]:
    return list(map(items.unpack, cloud.rows("TasksTable")))


def test_a_task_is_kept_and_can_be_followed_where_the_answer_says(cloud: Cloud) -> None:
    answer = enqueue(cloud)

    task = body_of(answer)
    assert answer["statusCode"] == 202
    assert answer["headers"]["Location"] == task["id"]
    assert (task["status"], task["attempts"], task["max_attempts"]) == ("queued", 0, 5)
    followed = cloud.invoke("GetTaskFunction", request("GET", "/api/tasks/{id}", id=task["id"]))
    assert body_of(followed) == task


def test_the_row_has_the_payload_and_the_trace_and_the_answer_has_no_payload(cloud: Cloud) -> None:
    answer = enqueue(cloud, MAIL | {"body": "Zoë"}, **{"X-Correlation-Id": "order-7"})

    (task,) = tasks(cloud)
    assert json.loads(task["payload"]) == {
        "recipient": "ada@example.com",
        "subject": "Hello",
        "body": "Zoë",
    }
    assert task["correlation_id"] == "order-7"
    assert "ada@example.com" not in answer["body"]


@pytest.mark.parametrize("attempts", [1, 25])
def test_a_caller_may_choose_the_attempts(cloud: Cloud, attempts: int) -> None:
    assert body_of(enqueue(cloud, MAIL | {"max_attempts": attempts}))["max_attempts"] == attempts


@pytest.mark.parametrize("type", ["fax", "", None, 7, ["email_notification"], {}])
def test_an_unknown_type_is_refused_with_those_that_are_known(cloud: Cloud, type: Any) -> None:
    answer = enqueue(cloud, MAIL | {"type": type})

    assert refusal(answer) == (422, "task_type_unknown")
    (error,) = body_of(answer)["errors"]
    assert error["pointer"] == "/type"
    assert "email_notification" in error["detail"]


@pytest.mark.parametrize("body", [{}, [], None, "email_notification", [MAIL]])
def test_without_a_type_there_is_no_task(cloud: Cloud, body: Any) -> None:
    assert refusal(enqueue(cloud, json.dumps(body).encode())) == (422, "task_type_unknown")


@pytest.mark.parametrize(
    ("change", "places"),
    [
        ({"recipient": "nobody"}, ["/recipient"]),
        ({"recipient": None, "subject": ""}, ["/recipient", "/subject"]),
        ({"subject": "Hello\r\nBcc: eve@example.com"}, ["/subject"]),
        ({"subject": "x" * 201}, ["/subject"]),
        ({"body": "x" * 100_001}, ["/body"]),
        ({"cc": "eve@example.com"}, ["/cc"]),
        ({"max_attempts": 0}, ["/max_attempts"]),
        ({"max_attempts": 26}, ["/max_attempts"]),
        ({"max_attempts": "5"}, ["/max_attempts"]),
        ({"max_attempts": True}, ["/max_attempts"]),
    ],
)
def test_a_task_with_faults_is_refused_with_their_places(
    cloud: Cloud, change: Json, places: list[str]
) -> None:
    assert pointers(enqueue(cloud, MAIL | change)) == places
    assert tasks(cloud) == []


def test_faults_of_the_task_and_of_its_options_are_named_together(cloud: Cloud) -> None:
    answer = enqueue(cloud, MAIL | {"max_attempts": 0, "recipient": "nobody"})

    assert set(pointers(answer)) == {"/max_attempts", "/recipient"}


def test_a_task_that_cannot_be_kept_is_not_acknowledged(cloud: Cloud) -> None:
    with refusing("dynamodb", "PutItem", "RequestLimitExceeded"):
        assert refusal(enqueue(cloud)) == (503, "unavailable")
