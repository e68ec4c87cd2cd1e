"""Erasing a person from the tasks."""

import json
from datetime import timedelta

import pytest

from interchange import clock, store, tasks, users
from message_queue import lifecycle
from message_queue.recurring import recurrence, schedules
from tests import cloud_events
from tests.architecture import Json
from tests.aws_events import queue
from tests.faults import hooked
from tests.moto_cloud import Cloud

ADA = "ada@example.com"
BEFORE, DELETED, AFTER = (f"2026-01-0{day}T00:00:00.000Z" for day in (1, 2, 3))


def put_task(
    cloud: Cloud, id: str, *, to: str = ADA, now: str = BEFORE, status: str = "queued"
) -> None:
    mail = {"recipient": to, "subject": "Hello"}
    row = tasks.row(
        id=id, type="email_notification", payload=mail, now=now, trace=cloud_events.TRACE
    )
    store.put_new(cloud.name("TasksTable"), row | {"status": status})


def erase(cloud: Cloud) -> bool:
    """Handle the deletion; say whether its message is gone."""
    deletion = cloud_events.message(
        id="evt_deleted", type="user.deleted", time=DELETED, subject=users.user_id(ADA), data={}
    )
    answer: Json = cloud.invoke("EraseUserTasksFunction", queue(deletion))
    return not answer["batchItemFailures"]


def task(cloud: Cloud, id: str = "tsk_1") -> Json:
    return store.get(cloud.name("TasksTable"), {"id": id}) or {}


@pytest.mark.parametrize(
    ("status", "end"),
    [
        ("queued", "cancelled"),
        ("retry_wait", "cancelled"),
        ("succeeded", "succeeded"),
        ("dead", "dead"),
    ],
)
def test_a_task_forgets_the_person_and_one_that_waits_is_cancelled(
    cloud: Cloud, status: str, end: str
) -> None:
    put_task(cloud, "tsk_1", status=status)

    assert erase(cloud)
    assert erase(cloud)

    assert (task(cloud)["status"], task(cloud)["payload"]) == (end, "{}")
    assert ADA not in json.dumps(task(cloud))
    assert "user_id" not in task(cloud)
    assert task(cloud)["ended_at"] <= clock.rfc3339(clock.now())
    assert task(cloud)["expires_epoch"] > clock.now().timestamp()  # a dead one, too: it is nobody's


def test_a_task_that_runs_is_waited_for(cloud: Cloud) -> None:
    put_task(cloud, "tsk_1", status="running")

    assert not erase(cloud)
    assert ADA in task(cloud)["payload"]


def test_a_task_that_changes_meanwhile_is_seen_again(cloud: Cloud) -> None:
    put_task(cloud, "tsk_1")

    def start(**_: object) -> None:
        if task(cloud)["status"] == "queued":
            lifecycle.claim(cloud.name("TasksTable"), "tsk_1", now=clock.now(), lease=timedelta(1))

    with hooked("before-call.dynamodb.UpdateItem", start):
        assert not erase(cloud)

    assert ADA in task(cloud)["payload"]


def test_others_tasks_and_later_ones_stay(cloud: Cloud) -> None:
    put_task(cloud, "tsk_1", to="grace@example.com")
    put_task(cloud, "tsk_2", now=AFTER)

    assert erase(cloud)

    assert [task(cloud, id)["status"] for id in ("tsk_1", "tsk_2")] == ["queued", "queued"]


def test_what_the_work_and_the_caller_wrote_is_forgotten_too(cloud: Cloud) -> None:
    written = dict.fromkeys(("result", "progress", "checkpoint"), f"for {ADA}")
    keys = {"ordering_key": ADA, "fairness_key": ADA}
    mail = {"recipient": ADA, "subject": "Hello"}
    row = tasks.row(
        id="tsk_1", type="email_notification", payload=mail, now=BEFORE, trace=cloud_events.TRACE
    )
    store.put_new(cloud.name("TasksTable"), row | written | keys | {"status": "succeeded"})

    assert erase(cloud)

    assert ADA not in json.dumps(task(cloud))


def test_a_running_task_is_told_to_stop(cloud: Cloud) -> None:
    put_task(cloud, "tsk_1", status="running")

    erase(cloud)

    assert "cancel_requested_at" in task(cloud)


def test_what_recurs_for_the_person_ends_and_nothing_else_does(cloud: Cloud) -> None:
    for id, to in (("sch_1", ADA), ("sch_2", "grace@example.com")):
        mail = {"type": "email_notification", "recipient": to, "subject": "Weekly"}
        given = recurrence.Schedule(expression="rate(7 days)", task=mail)
        now = clock.parse(BEFORE)
        made = schedules.row(id, given, mail, now=now, trace=cloud_events.TRACE)
        store.put_new(cloud.name("SteeringTable"), made)

    assert erase(cloud)
    assert erase(cloud)

    left = [row["id"]["S"] for row in cloud.rows("SteeringTable")]
    assert left == ["sch_2"]
