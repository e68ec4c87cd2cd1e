"""What the functions log of a registration, put together: nothing is missing or out of turn."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from local.timeline import Line, ordered, parse, render
from tests.aws_events import request
from tests.moto_cloud import Cloud

CORRELATION_ID = "checkout-2026"
JSON = {"content-type": "application/json", "x-correlation-id": CORRELATION_ID}
ADA = {"email": "ada@example.com", "name": "Ada Lovelace"}


@pytest.fixture
def told(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> Callable[[str, Any], list[Line]]:
    """Do something with a function and give the lines that it has logged meanwhile."""

    def run(function: str, act: Callable[[str], Any]) -> list[Line]:
        capsys.readouterr()
        act(function)
        printed = capsys.readouterr().out.splitlines()
        lines = (parse(each, group=f"/aws/lambda/app-{function}-1") for each in printed)
        return [line for line in lines if line is not None]

    return run


def test_a_registration_is_one_story_from_the_request_to_the_mail(
    cloud: Cloud, told: Callable[[str, Callable[[str], Any]], list[Line]]
) -> None:
    form = request("POST", "/api/users", body=json.dumps(ADA).encode(), headers=JSON)
    story = [
        *told("RegisterUserFunction", lambda name: cloud.invoke(name, form)),
        *told("PublishUserEventsFunction", lambda name: cloud.carry(name, "UsersTable")),
        *told("LogEventFunction", lambda name: cloud.deliver(name, "EventLogQueue")),
        *told("WelcomeUserFunction", lambda name: cloud.deliver(name, "WelcomeQueue")),
        *told("DispatchTasksFunction", lambda name: cloud.carry(name, "TasksTable")),
        *told("RunTaskFunction", lambda name: cloud.deliver(name, "TasksQueue")),
    ]

    assert {line.correlation_id for line in story} == {CORRELATION_ID}
    assert [(line.function, line.entry["message"]) for line in ordered(story)] == [
        ("RegisterUser", "Request answered"),
        ("PublishUserEvents", "Change carried"),
        ("LogEvent", "Event logged"),
        ("WelcomeUser", "Welcome enqueued"),
        ("DispatchTasks", "Change carried"),
        ("RunTask", "E-mail accepted"),
        ("RunTask", "Task succeeded"),
    ]
    http, row, logged, welcome, due, mail, done = (line.entry for line in story)
    assert http["made"] == row["id"]
    assert row["event_id"] == logged["event_id"] == welcome["event_id"]
    assert welcome["task_id"] == due["id"] == mail["task_id"] == done["task_id"]
    text = render(CORRELATION_ID, story)
    assert not any(word in text for word in ("ada@example.com", "Lovelace", "Welcome!"))
