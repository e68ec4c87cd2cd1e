"""Slots: so many of a type at once, whoever dies."""

from contextlib import AbstractContextManager
from datetime import timedelta

import pytest

from interchange import clock
from message_queue.steering import slots
from tests.faults import ProcessDied
from tests.moto_cloud import Cloud
from tests.task_rows import from_now, put_task, run, task

NOW = clock.parse("2026-01-15T09:30:00.000Z")
LEASE = timedelta(seconds=60)


def taken(
    cloud: Cloud, task_id: str, *, after: timedelta = timedelta()
) -> AbstractContextManager[None]:
    table = cloud.name("SteeringTable")
    return slots.taken(table, "x", 2, task_id=task_id, now=NOW + after, lease=LEASE)


def test_no_more_than_so_many_are_held_at_once(cloud: Cloud) -> None:
    with taken(cloud, "tsk_1"), taken(cloud, "tsk_2"), pytest.raises(slots.Full):
        taken(cloud, "tsk_3").__enter__()
    with taken(cloud, "tsk_3"):
        pass


def test_work_that_raises_gives_its_slot_back(cloud: Cloud) -> None:
    for number in range(5):
        with pytest.raises(ValueError, match="x"), taken(cloud, f"tsk_{number}"):
            raise ValueError("x")


def test_a_worker_that_dies_keeps_its_slot_until_its_lease_is_over(cloud: Cloud) -> None:
    for number in range(2):
        with pytest.raises(ProcessDied), taken(cloud, f"tsk_{number}"):
            raise ProcessDied

    with pytest.raises(slots.Full), taken(cloud, "tsk_3"):
        pass
    with taken(cloud, "tsk_3", after=2 * LEASE):
        pass


def test_a_task_whose_type_is_full_waits_in_its_row_and_loses_no_attempt(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, now = cloud.name("SteeringTable"), clock.now()
    put_task(cloud, type="users_report", payload={})
    one = slots.taken(table, "users_report", 2, task_id="a", now=now, lease=LEASE)
    two = slots.taken(table, "users_report", 2, task_id="b", now=now, lease=LEASE)

    with one, two:
        assert run(cloud, type="users_report")
        assert (task(cloud)["status"], task(cloud)["attempts"]) == ("scheduled", 0)
        assert task(cloud)["due_at"] > from_now(seconds=2)
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(seconds=30))
    assert run(cloud, type="users_report")
    assert task(cloud)["status"] == "succeeded"
