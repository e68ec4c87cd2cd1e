"""Letting tasks wait, at no attempt's cost."""

from typing import Any

import pytest

from tests.answers import body_of, pointers, refusal
from tests.architecture import Json
from tests.faults import hooked
from tests.moto_cloud import Cloud
from tests.task_rows import call, from_now, put_task, run, task


def pause(cloud: Cloud, scope: str, **body: Any) -> Json:
    return call(cloud, "PauseTasksFunction", "PUT", "/pauses/{id}", body=body, id=scope)


@pytest.mark.parametrize("scope", ["priority:normal", "type:email_notification"])
def test_a_paused_task_waits_and_loses_no_attempt(cloud: Cloud, scope: str) -> None:
    put_task(cloud)
    pause(cloud, scope)

    assert run(cloud)

    found = task(cloud)
    assert (found["status"], found["attempts"]) == ("scheduled", 0)
    assert found["listing"].startswith("parked#")
    assert from_now(minutes=14) < found["due_at"] < from_now(minutes=16)


def test_a_task_that_is_paused_at_its_turn_takes_another_when_it_goes_on(cloud: Cloud) -> None:
    put_task(cloud, status="scheduled", admitted=True)
    pause(cloud, "priority:normal")

    assert run(cloud, admitted=True)

    assert task(cloud)["listing"].startswith("parked#")
    assert not task(cloud)["admitted"]


@pytest.mark.parametrize("scope", ["priority:low", "type:http_request"])
def test_other_tasks_are_done(cloud: Cloud, scope: str) -> None:
    put_task(cloud)
    pause(cloud, scope)

    assert run(cloud)
    assert task(cloud)["status"] == "succeeded"


def test_a_paused_ordered_task_keeps_its_place(cloud: Cloud) -> None:
    put_task(cloud, ordering_key="a")
    pause(cloud, "priority:normal")

    assert not run(cloud, ordered=True)
    assert (task(cloud)["status"], task(cloud)["attempts"]) == ("queued", 0)


def test_a_paused_task_that_is_not_due_keeps_its_time_and_its_message(cloud: Cloud) -> None:
    put_task(cloud, status="scheduled", due_at=from_now(days=30))
    before = task(cloud)
    pause(cloud, "priority:normal")

    assert not run(cloud)
    assert task(cloud) == before


@pytest.mark.parametrize("status", ["running", "succeeded"])
def test_a_message_of_a_task_that_does_not_wait_parks_nothing(cloud: Cloud, status: str) -> None:
    put_task(cloud, status=status, lease_ends_at=from_now(hours=1))
    pause(cloud, "priority:normal")

    run(cloud)
    assert task(cloud)["status"] == status


def test_a_pause_that_stands_is_the_answer_of_the_next(cloud: Cloud) -> None:
    first = pause(cloud, "priority:low", reason="Month's end")
    second = pause(cloud, "priority:low", reason="Another")

    assert body_of(second) == body_of(first)
    assert body_of(first)["reason"] == "Month's end"


def test_of_two_pauses_at_once_none_is_lost(cloud: Cloud) -> None:
    pause(cloud, "priority:low")
    other: list[Json] = []

    def first(**_: Any) -> None:
        if not other:
            other.append({})
            other[0] = pause(cloud, "priority:high")

    with hooked("before-call.dynamodb.UpdateItem", first):
        pause(cloud, "priority:normal")

    found = body_of(call(cloud, "ListPausesFunction", "GET", "/pauses"))["items"]
    assert [each["id"] for each in found] == ["priority:high", "priority:low", "priority:normal"]


def test_what_cannot_be_paused_is_not_found_and_what_can_is_named(cloud: Cloud) -> None:
    answer = pause(cloud, "type:fax")

    assert refusal(answer) == (404, "scope_not_found")
    assert "type:email_notification" in body_of(answer)["detail"]
    assert pointers(pause(cloud, "priority:low", why="?")) == ["/why"]
