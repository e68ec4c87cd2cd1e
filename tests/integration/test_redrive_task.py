"""Giving a dead task another life."""

import pytest

from tests.answers import body_of, refusal
from tests.architecture import Json
from tests.aws_events import request
from tests.faults import ProcessDied, death_after_call
from tests.moto_cloud import Cloud, Context
from tests.task_rows import call, put_task, run, steering, task

ERROR = {"code": "email_refused", "detail": ".", "at": "2026", "attempt": 5}


def redrive(cloud: Cloud, id: str = "tsk_1") -> Json:
    return call(cloud, "RedriveTaskFunction", "POST", "/{id}/redrives", body={}, id=id)


def test_a_dead_task_has_all_its_attempts_again_and_keeps_its_record(cloud: Cloud) -> None:
    put_task(cloud, status="dead", attempts=5, error=ERROR, history=[ERROR], ended_at="2026")

    answer = redrive(cloud)

    shown = body_of(answer)
    assert (answer["statusCode"], shown["status"], shown["attempts"]) == (202, "queued", 0)
    assert (shown["error"], shown["failures"]) == (ERROR, [ERROR])
    assert run(cloud)
    assert (task(cloud)["status"], task(cloud)["attempts"]) == ("succeeded", 1)


@pytest.mark.parametrize("status", ["queued", "running", "succeeded", "cancelled"])
def test_what_is_not_dead_stays_as_it_is(cloud: Cloud, status: str) -> None:
    put_task(cloud, status=status)

    assert refusal(redrive(cloud)) == (409, "task_not_dead")
    assert task(cloud)["status"] == status


def test_what_is_not_there_is_not_found(cloud: Cloud) -> None:
    assert refusal(redrive(cloud)) == (404, "task_not_found")


def test_an_ordered_task_goes_to_the_end_of_its_lane(cloud: Cloud) -> None:
    put_task(cloud, status="dead", ordering_key="order-7")

    redrive(cloud)

    (lane,) = steering(cloud, "lane")
    assert lane["task_id"] == "tsk_1"


def test_the_same_request_redrives_once_whatever_died(cloud: Cloud) -> None:
    headers = {"Idempotency-Key": "key-1"}
    event = request("POST", "/api/tasks/{id}/redrives", body={}, headers=headers, id="tsk_1")
    for number in (1, 2, 3, 4, 5):
        cloud.clear()
        put_task(cloud, status="dead")
        with death_after_call(number), pytest.raises(ProcessDied):
            cloud.invoke("RedriveTaskFunction", event, context=Context(0))

        assert cloud.invoke("RedriveTaskFunction", event)["statusCode"] == 202
        assert (task(cloud)["status"], task(cloud)["version"]) == ("queued", 2)
