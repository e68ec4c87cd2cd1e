"""Ending a recurring task."""

from tests.answers import body_of, refusal
from tests.architecture import Json
from tests.moto_cloud import Cloud
from tests.task_rows import call, steering

HOURLY = {"expression": "rate(1 hour)", "task": {"type": "users_report"}}


def delete(cloud: Cloud, id: str) -> Json:
    return call(cloud, "DeleteScheduleFunction", "DELETE", "/schedules/{id}", id=id)


def test_a_schedule_ends_and_its_last_message_does_nothing(cloud: Cloud) -> None:
    made = body_of(call(cloud, "CreateScheduleFunction", "POST", "/schedules", body=HOURLY))
    rows = cloud.rows("SteeringTable")

    assert delete(cloud, made["id"])["statusCode"] == 204
    assert steering(cloud, "schedule") == []
    cloud.carry("DispatchSteeringFunction", "SteeringTable", rows)
    assert refusal(delete(cloud, made["id"])) == (404, "schedule_not_found")


def test_what_is_no_schedule_is_not_deleted(cloud: Cloud) -> None:
    call(cloud, "PauseTasksFunction", "PUT", "/pauses/{id}", body={}, id="priority:low")

    assert refusal(delete(cloud, "pauses")) == (404, "schedule_not_found")
    assert len(steering(cloud, "pauses")) == 1
