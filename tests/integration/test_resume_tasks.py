"""Ending a pause."""

from datetime import timedelta

import pytest

from interchange import clock
from message_queue.steering import pauses
from tests.answers import refusal
from tests.architecture import Json
from tests.faults import ProcessDied, death_after_call
from tests.moto_cloud import Cloud
from tests.task_rows import call, put_task, run, steering, task


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do without the time that other workers need to hear of a pause's end."""
    monkeypatch.setattr(pauses, "SETTLED", timedelta())


def resume(cloud: Cloud, scope: str = "priority:normal") -> Json:
    return call(cloud, "ResumeTasksFunction", "DELETE", "/pauses/{id}", id=scope)


def pause(cloud: Cloud) -> None:
    call(cloud, "PauseTasksFunction", "PUT", "/pauses/{id}", body={}, id="priority:normal")


def sweep(cloud: Cloud) -> None:
    """Carry on with the sweeps until they are over."""
    while any(each["status"] == "queued" for each in steering(cloud, "sweep")):
        cloud.carry("DispatchSteeringFunction", "SteeringTable")
        cloud.deliver("SteerTasksFunction", "SteeringQueue")


def test_a_sweep_begins_when_no_worker_can_still_think_of_the_pause(cloud: Cloud) -> None:
    """One that did would park again what was woken, for a quarter of an hour."""
    pause(cloud)

    resume(cloud)

    (begun,) = steering(cloud, "sweep")
    wait = clock.parse(begun["due_at"]) - clock.parse(begun["created_at"])
    assert wait == pauses.SETTLED > pauses._SEEN_FOR


@pytest.mark.usefixtures("at_once")
def test_what_was_parked_is_woken_and_done(cloud: Cloud) -> None:
    put_task(cloud)
    pause(cloud)
    run(cloud)

    assert resume(cloud)["statusCode"] == 204
    sweep(cloud)

    assert task(cloud)["status"] == "queued"
    pauses.forget()
    assert run(cloud)
    assert (task(cloud)["status"], task(cloud)["attempts"]) == ("succeeded", 1)


@pytest.mark.usefixtures("at_once")
def test_only_what_the_pause_kept_back_is_woken(cloud: Cloud) -> None:
    put_task(cloud, "tsk_1", status="scheduled", listing="parked#0", priority="low")

    resume(cloud)
    sweep(cloud)

    assert task(cloud, "tsk_1")["status"] == "scheduled"


@pytest.mark.usefixtures("at_once")
def test_who_dies_between_the_pauses_end_and_its_sweep_is_asked_again(cloud: Cloud) -> None:
    put_task(cloud)
    pause(cloud)
    run(cloud)
    with death_after_call(2), pytest.raises(ProcessDied):
        resume(cloud)

    resume(cloud)
    sweep(cloud)

    assert task(cloud)["status"] == "queued"


def test_what_cannot_be_paused_is_not_found(cloud: Cloud) -> None:
    assert refusal(resume(cloud, "priority:none")) == (404, "scope_not_found")
