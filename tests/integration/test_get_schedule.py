"""Showing a recurring task."""

from tests.answers import body_of, refusal
from tests.moto_cloud import Cloud
from tests.task_rows import call

HOURLY = {"expression": "rate(1 hour)", "task": {"type": "users_report"}}


def test_a_schedule_is_shown_as_it_was_declared(cloud: Cloud) -> None:
    made = body_of(call(cloud, "CreateScheduleFunction", "POST", "/schedules", body=HOURLY))

    shown = call(cloud, "GetScheduleFunction", "GET", "/schedules/{id}", id=made["id"])

    assert body_of(shown) == made


def test_what_is_no_schedule_is_not_found(cloud: Cloud) -> None:
    call(cloud, "PauseTasksFunction", "PUT", "/pauses/{id}", body={}, id="priority:low")

    for id in ("sch_none", "pauses"):
        answer = call(cloud, "GetScheduleFunction", "GET", "/schedules/{id}", id=id)
        assert refusal(answer) == (404, "schedule_not_found")
