"""Sending on what steers the queue: lanes in their order, sweeps, ticks."""

import json
from typing import Any

import pytest

from interchange import aws, items, store
from message_queue.steering import lanes
from tests.architecture import Json
from tests.faults import hooked, refusing
from tests.moto_cloud import Cloud
from tests.task_rows import MAIL, TRACE, call, put_task, steering, task


def enter(cloud: Cloud, key: str, *ids: str) -> list[Json]:
    """Put tasks at the end of a lane; give the changes of its row, as its stream does."""
    changes = []
    for id in ids:
        put_task(cloud, id, ordering_key=key)
        store.transact([lanes.entering(cloud.name("SteeringTable"), task(cloud, id))])
        found = steering(cloud, "lane")
        changes += [items.pack(each) for each in found if each["task_id"] == id]
    return changes


def sent(cloud: Cloud, changes: list[Json]) -> list[Json]:
    """Dispatch changes and give what was asked of SQS, in order."""
    asked: list[Json] = []

    def keep(params: Json, **_: Any) -> None:
        asked.append(json.loads(params["body"]))

    with hooked("before-call.sqs.SendMessage", keep):
        cloud.carry("DispatchSteeringFunction", "SteeringTable", changes)
    return asked


def test_a_lanes_tasks_are_sent_in_their_order_in_one_group(cloud: Cloud) -> None:
    asked = sent(cloud, enter(cloud, "order-7", "tsk_1", "tsk_2", "tsk_3"))

    hints = [json.loads(each["MessageBody"]) for each in asked]
    assert [each["task_id"] for each in hints] == ["tsk_1", "tsk_2", "tsk_3"]
    assert all(each["ordered"] for each in hints)
    assert len({each["MessageGroupId"] for each in asked}) == 1
    assert len({each["MessageDeduplicationId"] for each in asked}) == 3


def test_another_key_is_another_group(cloud: Cloud) -> None:
    asked = sent(cloud, [*enter(cloud, "a", "tsk_1"), *enter(cloud, "b", "tsk_2")])

    assert len({each["MessageGroupId"] for each in asked}) == 2


def test_a_change_that_comes_twice_is_one_message(cloud: Cloud) -> None:
    changes = enter(cloud, "a", "tsk_1")
    sent(cloud, changes)
    sent(cloud, changes)

    assert cloud.waiting("OrderedTasksQueue") == 1


def test_behind_a_task_that_cannot_be_sent_none_is(cloud: Cloud) -> None:
    changes = enter(cloud, "a", "tsk_1", "tsk_2")

    throttled = aws.sqs().exceptions.RequestThrottled
    with refusing("sqs", "SendMessage", "RequestThrottled"), pytest.raises(throttled):
        cloud.carry("DispatchSteeringFunction", "SteeringTable", changes)
    assert cloud.waiting("OrderedTasksQueue") == 0


def test_a_schedules_next_tick_is_sent_when_it_is_due(cloud: Cloud) -> None:
    body = {"expression": "rate(10 minutes)", "task": {"type": "email_notification", **MAIL}}
    call(cloud, "CreateScheduleFunction", "POST", "/schedules", body=body)
    asked: list[Json] = []

    def keep(params: Json, **_: Any) -> None:
        asked.extend(json.loads(params["body"])["Entries"])

    with hooked("before-call.sqs.SendMessageBatch", keep):
        cloud.carry("DispatchSteeringFunction", "SteeringTable")

    (entry,) = asked
    (schedule,) = steering(cloud, "schedule")
    assert 590 < entry["DelaySeconds"] <= 600
    assert json.loads(entry["MessageBody"])["tick"] == schedule["next_at"]


def test_what_is_no_outbox_is_not_carried(cloud: Cloud) -> None:
    call(cloud, "PauseTasksFunction", "PUT", "/pauses/{id}", body={}, id="priority:low")
    call(cloud, "EnqueueTaskFunction", "POST", "/enqueue", body=dedupe())

    assert cloud.carry("DispatchSteeringFunction", "SteeringTable") == {"Records": []}


def dedupe() -> Json:
    return {"type": "email_notification", **MAIL, "dedupe_key": "a", "fairness_key": "b"}


def test_a_lane_names_no_key_and_carries_the_trace(cloud: Cloud) -> None:
    enter(cloud, "ada@example.com", "tsk_1")

    (lane,) = steering(cloud, "lane")
    assert "ada@example.com" not in json.dumps(lane)
    assert lane["correlation_id"] == TRACE.correlation_id
