"""Sending a message for every task that is due."""

import json
from datetime import timedelta

import pytest

from interchange import aws, clock, items, tasks
from interchange.trace import Trace
from tests.architecture import Json
from tests.faults import hooked, refusing
from tests.moto_cloud import Cloud

TRACE = Trace("order-7", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")


def row(status: str, due_in: float = 0, id: str = "tsk_1") -> Json:
    """Make a task's row, in DynamoDB's typed form."""
    due = clock.rfc3339(clock.now() + timedelta(seconds=due_in))
    task = tasks.row(id=id, type="email_notification", payload={}, now=due, trace=TRACE)
    return items.pack(task | {"status": status})


def dispatched(cloud: Cloud, *rows: Json) -> list[Json]:
    """Dispatch changes and give the entries that went to SQS."""
    entries: list[Json] = []

    def keep(params: Json, **_: object) -> None:
        entries.extend(json.loads(params["body"])["Entries"])

    with hooked("before-call.sqs.SendMessageBatch", keep):
        cloud.carry("DispatchTasksFunction", "TasksTable", list(rows))
    return entries


def test_a_due_task_is_sent_at_once_and_says_only_which_it_is(cloud: Cloud) -> None:
    dispatched(cloud, row("queued"))

    (message,) = cloud.messages("TasksQueue")
    hint = {"type": "email_notification", "priority": "normal"}
    assert json.loads(message["Body"]) == {"task_id": "tsk_1", **hint, **TRACE._asdict()}


@pytest.mark.parametrize(
    ("due_in", "delay"),
    [(-60, 0), (0, 0), (0.3, 1), (1, 1), (1.2, 2), (450, 450), (899, 899), (900, 900)],
)
def test_a_task_that_waits_is_held_back_until_it_is_due(
    cloud: Cloud, due_in: float, delay: int
) -> None:
    (entry,) = dispatched(cloud, row("retry_wait", due_in))

    assert entry["DelaySeconds"] == delay


@pytest.mark.parametrize("status", ["scheduled", "retry_wait"])
def test_what_waits_longer_than_sqs_can_has_a_schedule(cloud: Cloud, status: str) -> None:
    before = schedules(cloud)

    changed = row(status, 905, id=f"tsk_{status}")
    assert dispatched(cloud, changed) == []
    assert dispatched(cloud, changed) == []

    assert len(schedules(cloud)) - len(before) == 1


def schedules(cloud: Cloud) -> list[Json]:
    group = cloud.name("ScheduleGroup")
    found: list[Json] = aws.scheduler().list_schedules(GroupName=group)["Schedules"]  # type: ignore[assignment]  # a TypedDict is a dict
    return found


@pytest.mark.parametrize(
    ("priority", "queue"),
    [("high", "HighTasksQueue"), ("normal", "TasksQueue"), ("low", "LowTasksQueue")],
)
def test_each_priority_has_a_queue_of_its_own(cloud: Cloud, priority: str, queue: str) -> None:
    dispatched(cloud, row("queued") | {"priority": {"S": priority}})

    queues = ("HighTasksQueue", "TasksQueue", "LowTasksQueue")
    assert [name for name in queues if cloud.waiting(name)] == [queue]


def test_a_message_says_whose_it_is_to_a_queue_that_is_fair(cloud: Cloud) -> None:
    (entry,) = dispatched(cloud, row("queued") | {"fairness_key": {"S": "tenant-a"}})

    assert entry["MessageGroupId"] == "tenant-a"


def test_an_ordered_task_is_left_to_its_lane(cloud: Cloud) -> None:
    assert dispatched(cloud, row("queued") | {"ordering_key": {"S": "a"}}) == []
    assert len(dispatched(cloud, row("dead") | {"ordering_key": {"S": "a"}})) == 1


def test_a_dead_task_goes_to_the_dead_letter_queue_whenever_it_was_due(cloud: Cloud) -> None:
    (entry,) = dispatched(cloud, row("dead", due_in=600))

    assert entry["DelaySeconds"] == 0
    assert (cloud.waiting("TasksQueue"), cloud.waiting("TasksDeadLetterQueue")) == (0, 1)


@pytest.mark.parametrize("status", ["running", "succeeded", "cancelled"])
def test_a_task_in_another_state_is_no_work(cloud: Cloud, status: str) -> None:
    assert dispatched(cloud, row(status)) == []


def test_a_hundred_changes_arrive_whole(cloud: Cloud) -> None:
    states = ["queued", "running", "dead", "retry_wait"] * 25
    dispatched(cloud, *(row(each, id=f"tsk_{index}") for index, each in enumerate(states)))

    assert (cloud.waiting("TasksQueue"), cloud.waiting("TasksDeadLetterQueue")) == (50, 25)


def test_what_cannot_be_sent_comes_back(cloud: Cloud) -> None:
    throttled = aws.sqs().exceptions.RequestThrottled
    with refusing("sqs", "SendMessageBatch", "RequestThrottled"), pytest.raises(throttled):
        dispatched(cloud, row("queued"))
