"""Listing what stands still."""

from tests.answers import body_of
from tests.moto_cloud import Cloud
from tests.task_rows import call


def test_pauses_are_listed_with_their_reasons(cloud: Cloud) -> None:
    for scope in ("type:http_request", "priority:low"):
        body = {"reason": scope}
        call(cloud, "PauseTasksFunction", "PUT", "/pauses/{id}", body=body, id=scope)

    items = body_of(call(cloud, "ListPausesFunction", "GET", "/pauses"))["items"]

    assert [(each["id"], each["reason"]) for each in items] == [
        ("priority:low", "priority:low"),
        ("type:http_request", "type:http_request"),
    ]


def test_where_nothing_stands_still_the_list_is_empty(cloud: Cloud) -> None:
    assert body_of(call(cloud, "ListPausesFunction", "GET", "/pauses")) == {"items": []}
