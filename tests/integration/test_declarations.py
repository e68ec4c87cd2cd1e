"""Recurring tasks that the template declares: told of again and again, done once per tick."""

import json
from datetime import timedelta
from typing import Any

import pytest

from interchange import clock, ids, store
from tests.architecture import Json, properties
from tests.aws_events import queue
from tests.faults import ProcessDied, death_after_call
from tests.moto_cloud import Cloud
from tests.task_rows import from_now, steering, tasks_of

DECLARED = {
    name: each["Target"]
    for name, each in properties("AWS::Scheduler::Schedule").items()
    if '"declaration"' in str(each["Target"]["Input"])
}
HOURLY = {
    "kind": "declaration",
    "name": "hourly",
    "expression": "0 * * * *",
    "timezone": "Europe/Berlin",
    "missed": "catch_up",
    "task": {"type": "users_report"},
}


def declare(cloud: Cloud, **given: Any) -> bool:
    """Tell of a declaration, as Scheduler does; say whether its message is gone."""
    answer: Json = cloud.invoke("SteerTasksFunction", queue(HOURLY | given))
    return not answer["batchItemFailures"]


def schedule(cloud: Cloud) -> Json:
    (found,) = steering(cloud, "schedule")
    return found


def let_time_pass(cloud: Cloud, until: str) -> Json:
    """Put the next tick back, as if its time had come."""
    key, values = {"id": schedule(cloud)["id"]}, {"tick": until}
    change, table = "SET #next_at = :tick", cloud.name("SteeringTable")
    return store.update(table, key, change, when="attribute_exists(#id)", values=values)


def tick(cloud: Cloud, at: str) -> bool:
    body = {"id": schedule(cloud)["id"], "kind": "schedule", "tick": at}
    answer: Json = cloud.invoke("SteerTasksFunction", queue(body))
    return not answer["batchItemFailures"]


@pytest.mark.parametrize("name", DECLARED)
def test_what_the_template_declares_can_be_done(cloud: Cloud, name: str) -> None:
    target = cloud.resolver.resolve(DECLARED[name])

    assert declare(cloud, **json.loads(target["Input"]))

    assert schedule(cloud)["next_at"] > from_now()


def test_a_declaration_that_comes_twice_is_one_schedule(cloud: Cloud) -> None:
    assert declare(cloud)
    before = schedule(cloud)

    assert declare(cloud)

    assert schedule(cloud) == before
    assert (before["declared_as"], before["version"]) == ("hourly", 1)


def test_ticks_and_declarations_that_come_twice_make_one_task(cloud: Cloud) -> None:
    declare(cloud)
    due = from_now(minutes=-1)
    let_time_pass(cloud, due)

    for _ in range(2):
        assert declare(cloud)
        assert tick(cloud, due)

    (made,) = tasks_of(cloud)
    assert made["id"] == ids.derived("tsk", schedule(cloud)["id"], due)
    assert schedule(cloud)["last_tick_at"] == due


def test_a_changed_declaration_changes_the_schedule_and_loses_no_tick(cloud: Cloud) -> None:
    declare(cloud)
    due = from_now(seconds=-1)
    let_time_pass(cloud, due)

    assert declare(cloud, expression="0 6 1 1 *")
    assert schedule(cloud)["next_at"] == due  # it is on its way
    assert tick(cloud, due)

    assert len(tasks_of(cloud)) == 1
    assert schedule(cloud)["next_at"][5:10] in {"01-01", "12-31"}
    assert declare(cloud, expression="30 * * * *")
    assert schedule(cloud)["last_tick_at"] == due
    wait = clock.parse(schedule(cloud)["next_at"]) - clock.now()
    assert timedelta() < wait <= timedelta(hours=1)


def test_a_declaration_whose_function_died_is_kept_once(cloud: Cloud) -> None:
    with death_after_call(1), pytest.raises(ProcessDied):
        declare(cloud)
    assert declare(cloud)
    assert schedule(cloud)["version"] == 1

    with death_after_call(2), pytest.raises(ProcessDied):
        declare(cloud, timezone="UTC")
    assert declare(cloud, timezone="UTC")
    assert (schedule(cloud)["timezone"], schedule(cloud)["version"]) == ("UTC", 2)


@pytest.mark.parametrize(
    "given",
    [{"expression": "0 9 30 2 *"}, {"timezone": "Mars/Olympus"}, {"task": {"type": "fax"}}],
)
def test_a_declaration_that_cannot_work_is_left_to_a_person(cloud: Cloud, given: Json) -> None:
    assert not declare(cloud, **given)
    assert steering(cloud, "schedule") == []
