"""Listing received webhooks."""

from typing import Any

import pytest

from interchange import store
from tests.answers import body_of, refusal
from tests.architecture import Json
from tests.aws_events import request
from tests.integration.test_publish_received import received
from tests.moto_cloud import Cloud

NOON = "2026-01-15T12:00:00Z"
NEVER = 4_102_444_800  # the year 2100


def put(cloud: Cloud, number: int, source: str = "stripe", kind: str = "a", **more: Any) -> None:
    type = f"stripe.{kind}"
    row = received(b"{}", str(number)) | {
        "source": source,
        "type": type,
        "source_type": f"{source}/{type}",
        "received_at": f"2026-01-15T09:30:0{number}.000Z",
        "headers": {},
        "size": 2,
        "expires_epoch": NEVER,
        "version": 1,
    }
    store.put_new(cloud.name("ReceivedTable"), row | more)


def listed(cloud: Cloud, **query: str) -> Json:
    event = request("GET", "/webhooks/received")
    event["multiValueQueryStringParameters"] = {name: [value] for name, value in query.items()}
    answer: Json = cloud.invoke("ListReceivedFunction", event)
    return answer


def ids(cloud: Cloud, **query: str) -> list[str]:
    return [each["id"] for each in body_of(listed(cloud, **query))["items"]]


def test_a_sources_webhooks_are_listed_the_newest_first_without_their_bodies(cloud: Cloud) -> None:
    for number in range(3):
        put(cloud, number)
    put(cloud, 9, source="shop")

    assert ids(cloud, source="stripe") == ["rcv_2", "rcv_1", "rcv_0"]
    found = body_of(listed(cloud, source="shop"))["items"][0]
    assert found["received_at"] == "2026-01-15T09:30:09.000Z"
    assert not {"body", "headers", "correlation_id", "source_type"} & found.keys()


def test_those_of_one_type_and_of_a_window_are_listed(cloud: Cloud) -> None:
    for number in range(6):
        put(cloud, number, kind="ab"[number % 2])

    window = {"from": "2026-01-15T09:30:01Z", "to": "2026-01-15T10:30:04+01:00"}
    assert ids(cloud, source="stripe", type="stripe.a") == ["rcv_4", "rcv_2", "rcv_0"]
    assert ids(cloud, source="stripe", **window) == ["rcv_3", "rcv_2", "rcv_1"]
    assert ids(cloud, source="stripe", type="stripe.b", **window) == ["rcv_3", "rcv_1"]


def test_pages_follow_one_another_to_the_end(cloud: Cloud) -> None:
    for number in range(5):
        put(cloud, number)

    seen: list[str] = []
    token: dict[str, str] = {}
    while True:
        page = body_of(listed(cloud, source="stripe", page_size="2", **token))
        seen += [each["id"] for each in page["items"]]
        if "next_page_token" not in page:
            break
        token = {"page_token": page["next_page_token"]}
    assert seen == ["rcv_4", "rcv_3", "rcv_2", "rcv_1", "rcv_0"]


def test_what_is_past_its_retention_is_not_listed(cloud: Cloud) -> None:
    put(cloud, 1, expires_epoch=1)

    assert ids(cloud, source="stripe") == []


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({}, "bad_query"),
        ({"source": ""}, "bad_query"),
        ({"source": "a b"}, "bad_query"),
        ({"source": "stripe", "type": ""}, "bad_query"),
        ({"source": "stripe", "from": "yesterday"}, "bad_window"),
        ({"source": "stripe", "from": NOON, "to": NOON}, "bad_window"),
        ({"source": "stripe", "page_token": "x"}, "bad_page_token"),
    ],
)
def test_a_question_that_cannot_be_read_is_refused(
    cloud: Cloud, query: dict[str, str], code: str
) -> None:
    assert refusal(listed(cloud, **query)) == (400, code)
