"""Message Queue, over HTTP; a worker is killed halfway, SES refuses and fails."""

import json
import urllib.request
from typing import Any
from urllib.parse import urljoin

import pytest

from local.api import Answer, Api, until
from local.props import ended
from local.stack import Stack
from tests.e2e.faults import Proxy, kill
from tests.e2e.test_request_response import JSON, assert_problem

ENDED = {"succeeded", "dead", "cancelled", "expired"}


def enqueue(api: Api, recipient: str, **options: Any) -> Answer:
    task = {"type": "email_notification", "recipient": recipient, "subject": "Welcome!", **options}
    return api.post("/api/tasks/enqueue", task, expect=202)


def finished(api: Api, enqueued: Answer) -> dict[str, Any]:
    """Follow the task to its end, from where the Location says."""
    url = urljoin(f"{api.base_url}/api/tasks/enqueue", enqueued.headers["location"])
    path = url.removeprefix(api.base_url)
    return until("the task's end", lambda: ended(api, path, ENDED))


def mails_to(stack: Stack, recipient: str) -> int:
    with urllib.request.urlopen(stack.mail_url, timeout=5) as response:
        accounts = json.load(response)["messages"]
    return sum(recipient in mail["To"] for mails in accounts.values() for mail in mails)


def test_an_enqueued_task_succeeds_and_its_mail_is_sent(api: Api, stack: Stack, run: str) -> None:
    enqueued = enqueue(api, f"user.{run}@example.com")
    assert enqueued.body["status"] == "queued"

    task = finished(api, enqueued)

    assert task["status"] == "succeeded"
    assert task["attempts"] == 1
    assert mails_to(stack, f"user.{run}@example.com") == 1


def test_a_task_that_keeps_failing_ends_dead_and_in_the_dead_letter_queue(
    api: Api, stack: Stack, run: str, mail: Proxy
) -> None:
    recipient = f"fail.{run}@example.com"
    busy = json.dumps({"__type": "TooManyRequestsException", "message": "slow down"}).encode()

    with mail.refusing(lambda _, body: recipient.encode() in body, 429, busy):
        task = finished(api, enqueue(api, recipient, max_attempts=2))

    assert task["status"] == "dead"
    assert task["attempts"] == 2
    assert task["error"]["code"] == "email_refused"
    assert mails_to(stack, recipient) == 0
    until("its message for a person", lambda: dead_letter(stack, task["id"]))


def dead_letter(stack: Stack, id: str) -> str | None:
    """Look through the dead letters for a task's; others' are not shown twice while we look."""
    url = stack.outputs["TasksDeadLetterQueueUrl"]
    found = stack.client("sqs").receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=5
    )
    bodies = [each["Body"] for each in found.get("Messages", [])]
    return next((each for each in bodies if id in each), None)


def test_an_alarm_waits_on_the_dead_letter_queue(stack: Stack) -> None:
    name = stack.outputs["TasksDeadLetterQueueUrl"].rpartition("/")[2]

    alarms = stack.client("cloudwatch").describe_alarms()["MetricAlarms"]

    watched = {"Name": "QueueName", "Value": name}
    (alarm,) = [each for each in alarms if watched in each["Dimensions"]]
    assert alarm["AlarmActions"]
    assert alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"


def test_a_message_that_ses_refuses_is_not_tried_again(api: Api, run: str, mail: Proxy) -> None:
    recipient = f"refused.{run}@example.com"
    refusal = json.dumps({"__type": "MessageRejected", "message": "no"}).encode()

    with mail.refusing(lambda _, body: recipient.encode() in body, 400, refusal):
        task = finished(api, enqueue(api, recipient))

    assert (task["status"], task["attempts"]) == ("dead", 1)


def test_a_service_that_comes_back_finds_the_task_waiting(
    api: Api, stack: Stack, run: str, mail: Proxy
) -> None:
    recipient = f"patient.{run}@example.com"
    away = json.dumps({"__type": "ServiceUnavailable", "message": "away"}).encode()

    with mail.refusing(lambda _, body: recipient.encode() in body, 503, away):
        enqueued = enqueue(api, recipient)
        path = f"/api/tasks/{enqueued.body['id']}"
        until("the first failure", lambda: api.get(path).body.get("failures"))
    task = finished(api, enqueued)

    assert task["status"] == "succeeded"
    assert task["attempts"] > 1
    assert mails_to(stack, recipient) == 1


def test_a_worker_killed_in_the_middle_of_a_task_sends_its_mail_once(
    api: Api, stack: Stack, run: str, mail: Proxy
) -> None:
    recipient = f"killed.{run}@example.com"
    sending = mail.hold(lambda _, body: recipient.encode() in body)

    enqueued = enqueue(api, recipient)
    assert sending.reached.wait(120)
    assert api.get(f"/api/tasks/{enqueued.body['id']}").body["status"] == "running"
    kill(stack, "RunTaskFunction")
    sending.drop = True
    sending.opened.set()

    task = finished(api, enqueued)
    assert task["status"] == "succeeded"
    assert task["attempts"] > 1
    assert mails_to(stack, recipient) == 1


@pytest.mark.parametrize(
    ("task", "code", "pointers"),
    [
        ({"type": "no_such_type"}, "task_type_unknown", ["/type"]),
        ({}, "task_type_unknown", ["/type"]),
        (
            {"type": "email_notification", "recipient": "x", "subject": "a\nBcc: b@c.de"},
            "validation_failed",
            ["/recipient", "/subject"],
        ),
        (
            {"type": "email_notification", "recipient": "a@b.co", "subject": "s"}
            | {"max_attempts": 0},
            "validation_failed",
            ["/max_attempts"],
        ),
    ],
)
def test_a_bad_task_is_refused_with_the_reason(
    api: Api, task: Any, code: str, pointers: list[str]
) -> None:
    answer = api.call("POST", "/api/tasks/enqueue", json.dumps(task).encode(), JSON)

    problem = assert_problem(answer, 422, code)
    assert sorted(each["pointer"] for each in problem["errors"]) == pointers


def test_an_unknown_task_is_a_404_problem(api: Api) -> None:
    assert_problem(api.get("/api/tasks/tsk_none"), 404, "task_not_found")
