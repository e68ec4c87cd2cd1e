"""Listing tasks by state, type and time."""

import pytest

from interchange import store
from tests.answers import body_of, refusal
from tests.moto_cloud import Cloud
from tests.task_rows import listed, put_task

STATES = ["scheduled", "queued", "running", "retry_wait", "succeeded", "dead", "cancelled"]


def put_many(cloud: Cloud) -> None:
    """Put a task a day, the states in turn."""
    for day in range(1, 22):
        status, at = STATES[day % len(STATES)], f"2026-01-{day:02}T00:00:00.000Z"
        type = "users_report" if day % 2 else "email_notification"
        put_task(cloud, f"tsk_{day:02}", status=status, now=at, type=type)


def ids(cloud: Cloud, **query: str) -> list[str]:
    return [each["id"] for each in body_of(listed(cloud, "ListTasksFunction", **query))["items"]]


def test_all_tasks_come_in_the_order_of_their_time(cloud: Cloud) -> None:
    put_many(cloud)

    assert ids(cloud) == [f"tsk_{day:02}" for day in range(1, 22)]


def test_tasks_are_found_by_state_type_and_time(cloud: Cloud) -> None:
    put_many(cloud)

    assert ids(cloud, status="dead") == ["tsk_05", "tsk_12", "tsk_19"]
    assert ids(cloud, status="dead", type="users_report") == ["tsk_05", "tsk_19"]
    assert ids(cloud, **{"from": "2026-01-04T00:00:00Z", "to": "2026-01-06T01:00:00+01:00"}) == [
        "tsk_04",
        "tsk_05",
    ]
    assert ids(cloud, type="fax") == []
    assert ids(cloud, **{"from": "2026-01-06T00:00:00Z", "to": "2026-01-04T00:00:00Z"}) == []
    assert ids(cloud, **{"from": "9999-12-31T00:00:00Z"}) == []


@pytest.mark.parametrize("size", [1, 4, 20, 21, 50])
def test_pages_have_every_task_once(cloud: Cloud, size: int) -> None:
    put_many(cloud)

    found: list[str] = []
    body = body_of(listed(cloud, "ListTasksFunction", page_size=size))
    while True:
        assert len(body["items"]) <= size
        found += [each["id"] for each in body["items"]]
        if "next_page_token" not in body:
            break
        more = {"page_size": size, "page_token": body["next_page_token"]}
        body = body_of(listed(cloud, "ListTasksFunction", **more))

    assert found == [f"tsk_{day:02}" for day in range(1, 22)]


@pytest.mark.parametrize("cut", [1, 2])
def test_parts_that_dynamodb_cuts_short_lose_no_task(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, cut: int
) -> None:
    put_many(cloud)
    whole = store.index_page
    monkeypatch.setattr(
        store, "index_page", lambda *asked, **given: whole(*asked, **(given | {"size": cut}))
    )

    found: list[str] = []
    body = body_of(listed(cloud, "ListTasksFunction"))
    while True:
        found += [each["id"] for each in body["items"]]
        if "next_page_token" not in body:
            break
        body = body_of(listed(cloud, "ListTasksFunction", page_token=body["next_page_token"]))

    assert found == [f"tsk_{day:02}" for day in range(1, 22)]


def test_a_list_shows_no_payload_and_no_result(cloud: Cloud) -> None:
    put_task(cloud, status="succeeded", result='{"message_id": "1"}')

    (item,) = body_of(listed(cloud, "ListTasksFunction"))["items"]

    assert not item.keys() & {"payload", "result", "fence", "listing", "user_id"}


def test_what_is_parked_is_scheduled(cloud: Cloud) -> None:
    put_task(cloud, status="scheduled", listing="parked#0")

    assert ids(cloud, status="scheduled") == ["tsk_1"]


@pytest.mark.parametrize(
    "query",
    [{"status": "done"}, {"type": ""}, {"from": "yesterday"}, {"to": "2026-02-30T00:00:00Z"}],
)
def test_a_query_that_means_nothing_is_refused(cloud: Cloud, query: dict[str, str]) -> None:
    assert refusal(listed(cloud, "ListTasksFunction", **query)) == (400, "bad_query")
