"""Cancelling a task, in every state and against its worker."""

from datetime import timedelta
from typing import Any

import pytest

from interchange import clock
from message_queue import lifecycle
from tests.answers import body_of, refusal
from tests.architecture import Json
from tests.faults import hooked
from tests.moto_cloud import Cloud
from tests.task_rows import call, from_now, put_task, run, task

LEASE = timedelta(seconds=60)


def cancel(cloud: Cloud, id: str = "tsk_1") -> Json:
    return call(cloud, "CancelTaskFunction", "DELETE", "/{id}", id=id)


def claim(cloud: Cloud) -> Any:
    return lifecycle.claim(cloud.name("TasksTable"), "tsk_1", now=clock.now(), lease=LEASE)


@pytest.mark.parametrize("status", ["scheduled", "queued", "retry_wait", "cancelled"])
def test_what_waits_is_cancelled_and_never_done(cloud: Cloud, status: str) -> None:
    put_task(cloud, status=status)

    answer = cancel(cloud)

    assert (answer["statusCode"], body_of(answer)["status"]) == (200, "cancelled")
    assert run(cloud)
    assert (task(cloud)["status"], task(cloud)["attempts"]) == ("cancelled", 0)


@pytest.mark.parametrize("status", ["succeeded", "expired"])
def test_what_has_ended_stays_as_it_is(cloud: Cloud, status: str) -> None:
    put_task(cloud, status=status)

    assert refusal(cancel(cloud)) == (409, "task_ended")
    assert task(cloud)["status"] == status


def test_a_dead_task_is_kept_until_a_person_has_cancelled_it(cloud: Cloud) -> None:
    put_task(cloud, status="dead", ended_at=from_now(hours=-1), history=[])

    assert body_of(cancel(cloud))["status"] == "cancelled"

    month = clock.now() + timedelta(days=30)
    assert task(cloud)["expires_epoch"] == pytest.approx(month.timestamp(), abs=60)
    assert task(cloud)["history"] == []
    assert (
        refusal(call(cloud, "RedriveTaskFunction", "POST", "/{id}/redrives", id="tsk_1"))[0] == 409
    )


def test_what_is_not_there_is_not_found(cloud: Cloud) -> None:
    assert refusal(cancel(cloud)) == (404, "task_not_found")
    assert task(cloud) == {}


def test_what_runs_is_told(cloud: Cloud) -> None:
    put_task(cloud)
    held = claim(cloud)

    answer = cancel(cloud)

    assert (answer["statusCode"], body_of(answer)["status"]) == (202, "running")
    assert "cancel_requested_at" in task(cloud)
    lifecycle.succeed(held, result=None, now=clock.now(), kept=LEASE)  # it was as good as done
    assert task(cloud)["status"] == "succeeded"


def test_a_worker_that_takes_over_a_cancelled_task_ends_it(cloud: Cloud) -> None:
    past = from_now(hours=-1)
    put_task(cloud, status="running", fence="dead", lease_ends_at=past, attempts=1)
    cancel(cloud)

    assert run(cloud)
    assert (task(cloud)["status"], task(cloud)["attempts"]) == ("cancelled", 1)


@pytest.mark.parametrize("first", ["claim", "cancel"])
def test_of_a_claim_and_a_cancellation_at_once_one_is_first(cloud: Cloud, first: str) -> None:
    put_task(cloud)
    began: list[Any] = []

    def other(**_: Any) -> None:
        if not began:
            began.append(None)
            began[0] = claim(cloud) if first == "claim" else cancel(cloud)

    with hooked("before-call.dynamodb.UpdateItem", other):
        if first == "claim":
            assert cancel(cloud)["statusCode"] == 202
        else:
            assert run(cloud)

    assert task(cloud)["status"] == ("running" if first == "claim" else "cancelled")
    assert ("cancel_requested_at" in task(cloud)) == (first == "claim")
