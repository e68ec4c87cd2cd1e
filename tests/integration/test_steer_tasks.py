"""Carrying on with sweeps and ticks, whatever dies on the way."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from interchange import aws, claims, clock, items, store, tasks
from message_queue import lifecycle
from message_queue.recurring import recurrence, schedules
from message_queue.steering import overdue, sweeps
from tests.architecture import Json
from tests.aws_events import queue
from tests.faults import ProcessDied, calls_counted, death_after_call
from tests.moto_cloud import Cloud
from tests.task_rows import MAIL, TRACE, from_now, put_task, steering, task, tasks_of

PAST = clock.parse("2026-01-15T09:30:00.000Z")


def begin(cloud: Cloud, id: str = "swp_1", **given: Any) -> None:
    given = {"listing": "dead", "per_second": 10, "now": clock.now()} | given
    sweeps.begin(cloud.name("SteeringTable"), id, trace=TRACE, **given)


def sweep(cloud: Cloud, id: str = "swp_1") -> Json:
    """Carry on until the sweep is over; a death is a message that comes again."""
    for _ in range(50):
        (row,) = (each for each in steering(cloud, "sweep") if each["id"] == id)
        if row["status"] == "completed":
            return row
        event = queue({"id": id, "kind": "sweep", **TRACE._asdict()})
        cloud.invoke("SteerTasksFunction", event, LEASE_SECONDS="-1")
    raise AssertionError("the sweep does not end")


def put_dead(cloud: Cloud, count: int, **given: Any) -> None:
    for number in range(count):
        put_task(cloud, f"tsk_{number:03}", status="dead", ended_at=from_now(hours=-1), **given)


def states(cloud: Cloud) -> dict[str, int]:
    found = [each["status"] for each in tasks_of(cloud)]
    return {state: found.count(state) for state in set(found)}


def test_all_the_dead_are_redriven_over_many_pages_at_a_rate(cloud: Cloud) -> None:
    put_dead(cloud, 120)
    began = clock.parse(from_now())
    begin(cloud, per_second=10, now=began)

    assert sweep(cloud)["moved"] == 120

    due = sorted(clock.parse(each["due_at"]) for each in tasks_of(cloud))
    assert "dead" not in states(cloud)
    for number, each in enumerate(due):
        assert each >= began + timedelta(seconds=number / 10)


def test_some_are_redriven_by_type_and_number(cloud: Cloud) -> None:
    put_dead(cloud, 5)
    put_task(cloud, "tsk_report", status="dead", type="users_report", ended_at="2026")
    begin(cloud, type="email_notification", limit=3, per_second=1000)

    assert sweep(cloud)["moved"] == 3
    assert states(cloud)["dead"] == 3
    assert task(cloud, "tsk_report")["status"] == "dead"


def test_what_died_after_the_redrive_began_is_left(cloud: Cloud) -> None:
    put_task(cloud, status="dead", ended_at=from_now(seconds=60))
    begin(cloud)

    assert sweep(cloud)["moved"] == 0
    assert task(cloud)["status"] == "dead"


def test_a_redrive_that_dies_anywhere_moves_each_task_once_and_counts_it(cloud: Cloud) -> None:
    def arrange() -> None:
        cloud.clear()
        put_dead(cloud, 3)
        put_task(cloud, "tsk_ordered", status="dead", ordering_key="a", ended_at="2026")
        begin(cloud)

    assert_survives_any_death(cloud, arrange, moved=4)


def assert_survives_any_death(cloud: Cloud, arrange: Callable[[], None], *, moved: int) -> None:
    """Kill a sweep after each of its calls in turn: it moves each task once, and counts it."""
    arrange()
    with calls_counted() as calls:
        sweep(cloud)

    for number in range(1, len(calls) + 1):
        arrange()
        with death_after_call(number), pytest.raises(ProcessDied):
            sweep(cloud)
        assert sweep(cloud)["moved"] == moved
        assert {each["version"] for each in tasks_of(cloud)} == {2}


@pytest.mark.parametrize("listing", overdue.STATES)
def test_a_task_whose_message_was_lost_is_queued_anew(cloud: Cloud, listing: str) -> None:
    put_overdue(cloud, listing)
    begin(cloud, listing="overdue")

    assert sweep(cloud)["moved"] == 1

    (after,) = tasks_of(cloud)
    assert (after["status"], after["attempts"], after["version"]) == ("queued", 1, 2)
    assert after["listing"] == tasks.listing("queued", "tsk_1")
    assert from_now(minutes=-5) < after["due_at"] <= from_now()
    cloud.carry("DispatchTasksFunction", "TasksTable")
    assert cloud.waiting("TasksQueue") == 1
    begin(cloud, "swp_2", listing="overdue")
    assert sweep(cloud, "swp_2")["moved"] == 0


def put_overdue(cloud: Cloud, listing: str = "queued", id: str = "tsk_1", **given: Any) -> None:
    """Put a task that has been due for five hours; one that runs has a dead worker."""
    given = {"due_at": from_now(hours=-5), "attempts": 1, "max_attempts": 5} | given
    if listing == "running":
        given = {"fence": "0", "lease_ends_at": from_now(hours=-5)} | given
    given["status"] = "scheduled" if listing == "parked" else listing
    put_task(cloud, id, listing=tasks.listing(listing, id), **given)


@pytest.mark.parametrize(
    ("listing", "given"),
    [
        ("queued", {"due_at": from_now(hours=-3)}),
        ("scheduled", {"due_at": from_now(days=3)}),
        ("running", {"lease_ends_at": from_now(minutes=1)}),
        ("queued", {"ordering_key": "a"}),
        ("dead", {"ended_at": from_now(hours=-5)}),
        ("succeeded", {"ended_at": from_now(hours=-5)}),
    ],
)
def test_a_task_that_may_still_have_its_message_is_left(
    cloud: Cloud, listing: str, given: Json
) -> None:
    put_overdue(cloud, listing, **given)
    before = tasks_of(cloud)
    begin(cloud, listing="overdue")

    assert sweep(cloud)["moved"] == 0
    assert tasks_of(cloud) == before


def test_a_look_for_the_overdue_that_dies_anywhere_queues_each_once(cloud: Cloud) -> None:
    def arrange() -> None:
        cloud.clear()
        for number, listing in enumerate(overdue.STATES):
            put_overdue(cloud, listing, f"tsk_{number}")
        begin(cloud, listing="overdue")

    assert_survives_any_death(cloud, arrange, moved=len(overdue.STATES))


def test_a_worker_that_comes_back_from_the_dead_has_lost_a_task_that_was_queued_anew(
    cloud: Cloud,
) -> None:
    put_overdue(cloud)
    lease = timedelta(hours=-5)
    held = lifecycle.claim(cloud.name("TasksTable"), "tsk_1", now=clock.now(), lease=lease)
    begin(cloud, listing="overdue")
    assert sweep(cloud)["moved"] == 1

    with pytest.raises(claims.Lost):
        lifecycle.succeed(held, result=None, now=clock.now(), kept=timedelta(days=1))
    assert task(cloud)["status"] == "queued"


def test_purging_the_dead_letters_loses_no_task_that_lives(cloud: Cloud) -> None:
    """The runbook's way: what the worker's outage put there is found by the hourly look."""
    put_overdue(cloud, payload=MAIL)
    hint = {"task_id": "tsk_1", "type": "email_notification", "priority": "normal"}
    url = cloud.name("TasksDeadLetterQueue")
    aws.sqs().send_message(QueueUrl=url, MessageBody=json.dumps(hint))
    aws.sqs().purge_queue(QueueUrl=url)

    cloud.invoke("SteerTasksFunction", queue({"kind": "overdue"}))
    for _ in range(3):  # its pages; the tasks are queued by then
        cloud.carry("DispatchSteeringFunction", "SteeringTable")
        cloud.deliver("SteerTasksFunction", "SteeringQueue")
    cloud.carry("DispatchTasksFunction", "TasksTable")
    cloud.deliver("RunTaskFunction", "TasksQueue")

    assert task(cloud)["status"] == "succeeded"


def put_schedule(cloud: Cloud, now: Any, **given: Any) -> Json:
    wanted = {"expression": "rate(1 hour)", "task": {"type": "email_notification", **MAIL}} | given
    schedule = recurrence.Schedule(**wanted)
    row = schedules.row("sch_1", schedule, schedule.task, now=now, trace=TRACE)
    store.put_new(cloud.name("SteeringTable"), row)
    return row


def tick(cloud: Cloud, at: str) -> bool:
    body = {"id": "sch_1", "kind": "schedule", "tick": at, **TRACE._asdict()}
    answer: Json = cloud.invoke("SteerTasksFunction", queue(body))
    return not answer["batchItemFailures"]


def just_due() -> Any:
    """Give the time of a schedule's creation whose first tick has just come."""
    return clock.now() - timedelta(hours=1, seconds=1)


def test_a_tick_makes_its_task_once_however_often_it_comes(cloud: Cloud) -> None:
    row = put_schedule(cloud, just_due())

    assert tick(cloud, row["next_at"])
    assert tick(cloud, row["next_at"])

    (made,) = tasks_of(cloud)
    (after,) = steering(cloud, "schedule")
    assert (made["status"], made["schedule_id"]) == ("queued", "sch_1")
    assert after["last_tick_at"] == row["next_at"]
    moved = clock.parse(after["next_at"]) - clock.parse(row["next_at"])
    assert moved == timedelta(hours=1)


def test_a_tick_that_comes_early_comes_again(cloud: Cloud) -> None:
    row = put_schedule(cloud, clock.now())

    assert not tick(cloud, row["next_at"])
    assert tasks_of(cloud) == []


@pytest.mark.parametrize(("missed", "made"), [("skip", 0), ("catch_up", 1)])
def test_ticks_that_were_missed_are_left_out_or_made_up_by_one(
    cloud: Cloud, missed: str, made: int
) -> None:
    row = put_schedule(cloud, PAST, missed=missed)

    assert tick(cloud, row["next_at"])

    assert len(tasks_of(cloud)) == made
    (after,) = steering(cloud, "schedule")
    assert from_now() < after["next_at"] <= from_now(hours=1)
    assert from_now(hours=-1) <= after["last_tick_at"] <= from_now()


@pytest.mark.parametrize(("missed", "made"), [("skip", 0), ("catch_up", 1)])
def test_a_schedule_of_every_minute_goes_on_after_months(
    cloud: Cloud, missed: str, made: int
) -> None:
    given = {"expression": "* * * * *", "timezone": "Europe/Berlin", "missed": missed}
    row = put_schedule(cloud, PAST, **given)

    assert tick(cloud, row["next_at"])

    assert len(tasks_of(cloud)) == made
    (after,) = steering(cloud, "schedule")
    last, following = clock.parse(after["last_tick_at"]), clock.parse(after["next_at"])
    assert last <= clock.now()
    assert following - last == timedelta(minutes=1)


def test_a_tick_whose_function_died_makes_its_task_once(cloud: Cloud) -> None:
    for number in (1, 2):
        cloud.clear()
        row = put_schedule(cloud, just_due())
        with death_after_call(number), pytest.raises(ProcessDied):
            tick(cloud, row["next_at"])

        assert tick(cloud, row["next_at"])
        assert len(tasks_of(cloud)) == 1


def test_of_two_ticks_at_once_one_is_carried_out(cloud: Cloud) -> None:
    row = put_schedule(cloud, just_due())
    tables = cloud.name("TasksTable"), cloud.name("SteeringTable")
    tick(cloud, row["next_at"])

    with pytest.raises(store.ConditionFailed):
        schedules.tick(tables, row, now=clock.now())
    assert len(tasks_of(cloud)) == 1


def test_a_message_of_a_schedule_that_is_gone_is_over(cloud: Cloud) -> None:
    assert tick(cloud, "2026-01-15T09:30:00.000Z")


def test_a_sweep_that_another_holds_is_looked_at_again(cloud: Cloud) -> None:
    begin(cloud)
    key = {"id": "swp_1"}
    held = {"running": "running", "later": from_now(hours=1), "queued": "queued"}
    change = "SET #status = :running, #lease_ends_at = :later"
    store.update(cloud.name("SteeringTable"), key, change, when="#status = :queued", values=held)

    answer = cloud.invoke("SteerTasksFunction", queue({"id": "swp_1", "kind": "sweep"}))

    assert len(answer["batchItemFailures"]) == 1
    assert items.unpack(cloud.rows("SteeringTable")[0])["moved"] == 0
