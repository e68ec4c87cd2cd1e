"""Sending a message at a time: by SQS up to 15 minutes, by EventBridge Scheduler beyond."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from interchange import aws, later
from interchange.later import Message
from tests.faults import hooked, refusing

NOW = datetime(2026, 1, 15, 9, 30, 0, tzinfo=UTC)
ROLE = "arn:aws-us-gov:iam::123456789012:role/schedules"


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "SCHEDULE_GROUP": "later",
        "SCHEDULE_ROLE_ARN": ROLE,
    }.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        forget()
        aws.scheduler().create_schedule_group(Name="later")
        yield aws.sqs().create_queue(QueueName="due")["QueueUrl"]
    forget()


def forget() -> None:
    aws._client.cache_clear()
    aws._session.cache_clear()
    later.settings.cache_clear()  # type: ignore[attr-defined]  # it is cached


def message(seconds: float, *, name: str = "tsk_1#1", group: str | None = None) -> Message:
    return Message(name, '{"task_id": "tsk_1"}', NOW + timedelta(seconds=seconds), group)


def sent(queue: str, *due: Message) -> list[Any]:
    """Send, and give the entries that went to SQS."""
    entries: list[Any] = []

    def keep(params: Any, **_: object) -> None:
        entries.extend(json.loads(params["body"])["Entries"])

    with hooked("before-call.sqs.SendMessageBatch", keep):
        later.send(queue, due, now=NOW)
    return entries


def schedules() -> list[Any]:
    found = aws.scheduler().list_schedules(GroupName="later")["Schedules"]
    return [aws.scheduler().get_schedule(GroupName="later", Name=each["Name"]) for each in found]


@pytest.mark.parametrize(
    ("seconds", "delay"),
    [(-60, 0), (0, 0), (0.3, 1), (1, 1), (1.2, 2), (450, 450), (899, 899), (900, 900)],
)
def test_what_is_due_within_15_minutes_is_held_back_by_its_queue(
    queue: str, seconds: float, delay: int
) -> None:
    (entry,) = sent(queue, message(seconds))

    assert entry["DelaySeconds"] == delay
    assert "MessageGroupId" not in entry
    assert schedules() == []


@pytest.mark.parametrize(
    ("wait", "at"),
    [
        (timedelta(seconds=900.4), "at(2026-01-15T09:45:00)"),
        (timedelta(seconds=901), "at(2026-01-15T09:45:01)"),
        (timedelta(days=30), "at(2026-02-14T09:30:00)"),
        (timedelta(days=365), "at(2027-01-15T09:30:00)"),
    ],
    ids=str,
)
def test_what_is_due_beyond_has_a_schedule_that_deletes_itself(
    queue: str, wait: timedelta, at: str
) -> None:
    assert sent(queue, message(wait.total_seconds())) == []

    (schedule,) = schedules()
    assert (schedule["ScheduleExpression"], schedule["ScheduleExpressionTimezone"]) == (at, "UTC")
    assert schedule["FlexibleTimeWindow"] == {"Mode": "OFF"}
    assert schedule["ActionAfterCompletion"] == "DELETE"
    assert schedule["Target"] | {"RetryPolicy": {}} == {
        "Arn": "arn:aws-us-gov:sqs:us-east-1:123456789012:due",
        "RoleArn": ROLE,
        "Input": '{"task_id": "tsk_1"}',
        "RetryPolicy": {},
    }


def test_a_message_that_is_sent_twice_has_one_schedule(queue: str) -> None:
    sent(queue, message(901))
    sent(queue, message(901))
    assert len(schedules()) == 1

    sent(queue, message(901, name="tsk_1#2"))
    assert len(schedules()) == 2


def test_a_message_may_say_whose_it_is(queue: str) -> None:
    (entry,) = sent(queue, message(0, group="tenant-a"))

    assert entry["MessageGroupId"] == "tenant-a"


def test_what_scheduler_sends_says_that_its_group_is_missing(queue: str) -> None:
    assert sent(queue, message(901, group="tenant-a")) == []

    (schedule,) = schedules()
    assert json.loads(schedule["Target"]["Input"]) == {"task_id": "tsk_1", "ungrouped": True}


def test_a_schedule_that_is_refused_is_a_raise(queue: str) -> None:
    with (
        refusing("scheduler", "CreateSchedule", "ThrottlingException", 429),
        pytest.raises(ClientError, match="Throttling"),
    ):
        later.send(queue, [message(901)], now=NOW)
