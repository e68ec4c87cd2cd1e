"""Listing what failed for good."""

from tests.answers import body_of
from tests.moto_cloud import Cloud
from tests.task_rows import listed, put_task

ERROR = {"code": "email_refused", "detail": "SES answered X.", "at": "2026", "attempt": 5}


def test_the_dead_are_listed_with_why_they_died(cloud: Cloud) -> None:
    put_task(cloud, "tsk_1", status="dead", error=ERROR)
    put_task(cloud, "tsk_2", status="queued")

    (item,) = body_of(listed(cloud, "ListDeadTasksFunction", "/dead"))["items"]

    assert (item["id"], item["error"]) == ("tsk_1", ERROR)


def test_the_dead_are_found_by_type(cloud: Cloud) -> None:
    put_task(cloud, "tsk_1", status="dead", type="users_report")
    put_task(cloud, "tsk_2", status="dead")

    body = body_of(listed(cloud, "ListDeadTasksFunction", "/dead", type="users_report"))

    assert [each["id"] for each in body["items"]] == ["tsk_1"]
