"""Slots: so many of a type at once, whoever dies."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta

import pytest

from interchange import clock, ids, store
from message_queue.steering import slots
from tests.architecture import Json
from tests.faults import ProcessDied, calls_counted
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


def test_a_tasks_second_message_leaves_the_first_its_slot(cloud: Cloud) -> None:
    with taken(cloud, "tsk_1"), taken(cloud, "tsk_2"), pytest.raises(slots.Full):
        taken(cloud, "tsk_1").__enter__()

    with taken(cloud, "tsk_1"):
        with taken(cloud, "tsk_1"):
            pass
        with taken(cloud, "tsk_2"), pytest.raises(slots.Full):
            taken(cloud, "tsk_3").__enter__()


def test_who_comes_back_late_frees_no_slot_that_is_anothers_by_now(cloud: Cloud) -> None:
    with taken(cloud, "tsk_1"):
        heirs = [taken(cloud, f"tsk_{number}", after=2 * LEASE) for number in (1, 2)]
        for each in heirs:
            each.__enter__()

    with pytest.raises(slots.Full):
        taken(cloud, "tsk_3", after=2 * LEASE).__enter__()


def test_a_slot_that_was_leased_without_a_fence_is_free_once_its_lease_is_over(
    cloud: Cloud,
) -> None:
    for index in range(2):
        row = {"id": ids.derived("slot", "x", str(index)), "kind": "slot", "task_id": "tsk_1"}
        ends = clock.rfc3339(NOW + LEASE)
        store.put_new(cloud.name("SteeringTable"), row | {"lease_ends_at": ends, "version": 1})

    with pytest.raises(slots.Full):
        taken(cloud, "tsk_1").__enter__()
    with taken(cloud, "tsk_1", after=2 * LEASE), taken(cloud, "tsk_2", after=2 * LEASE):
        pass


@contextmanager
def full(cloud: Cloud) -> Iterator[None]:
    """Hold both slots of the reports'."""
    table, name, now = cloud.name("SteeringTable"), "users_report", clock.now()
    one = slots.taken(table, name, 2, task_id="a", now=now, lease=LEASE)
    two = slots.taken(table, name, 2, task_id="b", now=now, lease=LEASE)
    with one, two:
        yield


@pytest.mark.parametrize(
    "given",
    [
        {"status": "running", "fence": "other", "lease_ends_at": from_now(hours=1)},
        {"status": "scheduled", "due_at": from_now(hours=1)},
    ],
    ids=["held", "early"],
)
def test_of_a_task_that_waits_for_no_slot_a_message_stays(cloud: Cloud, given: Json) -> None:
    put_task(cloud, type="users_report", payload={}, **given)
    before = task(cloud)

    with full(cloud):
        assert not run(cloud, type="users_report")

    assert task(cloud) == before


def test_of_a_task_that_is_over_no_message_stays(cloud: Cloud) -> None:
    put_task(cloud, type="users_report", payload={}, status="succeeded")

    with full(cloud):
        assert run(cloud, type="users_report")


def test_a_task_whose_worker_died_waits_for_a_slot_as_any_other(cloud: Cloud) -> None:
    died = {"status": "running", "fence": "dead", "lease_ends_at": from_now(hours=-1)}
    put_task(cloud, type="users_report", payload={}, attempts=1, **died)

    with full(cloud):
        assert run(cloud, type="users_report")

    found = task(cloud)
    assert (found["status"], found["attempts"]) == ("scheduled", 1)
    assert not found.keys() & {"fence", "lease_ends_at"}
    with calls_counted() as calls:
        cloud.carry("DispatchTasksFunction", "TasksTable")
    assert calls == ["SendMessageBatch"]


def test_an_ordered_task_waits_for_a_slot_at_the_head_of_its_lane(cloud: Cloud) -> None:
    put_task(cloud, type="users_report", payload={}, ordering_key="k")

    with full(cloud):
        assert not run(cloud, type="users_report", ordered=True)

    assert (task(cloud)["status"], task(cloud)["attempts"]) == ("scheduled", 0)


def test_a_task_whose_type_is_full_waits_in_its_row_and_loses_no_attempt(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = clock.now()
    put_task(cloud, type="users_report", payload={})

    with full(cloud):
        assert run(cloud, type="users_report")
        assert (task(cloud)["status"], task(cloud)["attempts"]) == ("scheduled", 0)
        assert task(cloud)["due_at"] > from_now(seconds=2)
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(seconds=30))
    assert run(cloud, type="users_report")
    assert task(cloud)["status"] == "succeeded"
