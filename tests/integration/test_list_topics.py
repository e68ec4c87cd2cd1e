"""Listing topics."""

import pytest

from interchange import store
from publish_subscribe import topics
from publish_subscribe.topics import Topic
from tests.answers import body_of
from tests.aws_events import request
from tests.moto_cloud import Cloud

AT = "2026-01-15T09:30:00.000Z"


def listed(cloud: Cloud, size: int) -> list[str]:
    """Go through all pages; none but the last has fewer than it may."""
    found: list[str] = []
    query = {"page_size": [str(size)]}
    while True:
        event = request("GET", "/events/topics")
        event["multiValueQueryStringParameters"] = query
        body = body_of(cloud.invoke("ListTopicsFunction", event))
        assert len(body["items"]) <= size
        found += [each["id"] for each in body["items"]]
        if "next_page_token" not in body:
            return found
        query = {"page_size": [str(size)], "page_token": [body["next_page_token"]]}


def put(cloud: Cloud, *names: str) -> None:
    for name in names:
        store.put_new(cloud.name("TopicsTable"), topics.row(name, Topic(), now=AT))


@pytest.mark.parametrize("size", [1, 2, 3, 4, 50])
def test_every_topic_is_listed_once_the_built_in_ones_first(cloud: Cloud, size: int) -> None:
    put(cloud, "a", "b", "c", "user-events")

    names = listed(cloud, size)

    built_in = sorted(topics.BUILT_IN)
    assert names[: len(built_in)] == built_in
    assert sorted(names) == sorted({*built_in, "a", "b", "c"})


@pytest.mark.parametrize("size", [1, 2, 50])
def test_the_built_in_topics_are_listed_before_any_has_a_row(cloud: Cloud, size: int) -> None:
    assert listed(cloud, size) == sorted(topics.BUILT_IN)
