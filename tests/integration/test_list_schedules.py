"""Listing the recurring tasks."""

from tests.answers import body_of
from tests.moto_cloud import Cloud
from tests.task_rows import call, listed

HOURLY = {"expression": "rate(1 hour)", "task": {"type": "users_report"}}


def test_schedules_come_in_the_order_of_their_declaration_and_nothing_else_does(
    cloud: Cloud,
) -> None:
    call(cloud, "PauseTasksFunction", "PUT", "/pauses/{id}", body={}, id="priority:low")
    made = [
        body_of(call(cloud, "CreateScheduleFunction", "POST", "/schedules", body=HOURLY))
        for _ in range(3)
    ]
    made.sort(key=lambda each: str(each["id"]))

    first = body_of(listed(cloud, "ListSchedulesFunction", "/schedules", page_size=2))
    token = first["next_page_token"]
    last = body_of(
        listed(cloud, "ListSchedulesFunction", "/schedules", page_size=2, page_token=token)
    )

    assert first["items"] + last["items"] == made
    assert "next_page_token" not in last
