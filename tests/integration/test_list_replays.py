"""Listing replays by pages."""

from datetime import timedelta

import pytest

from tests.answers import body_of, refusal
from tests.aws_events import request
from tests.moto_cloud import Cloud
from tests.replays import started


def walk(cloud: Cloud, **query: str) -> list[str]:
    """Follow the tokens to the end; give every id."""
    found: list[str] = []
    token: dict[str, str] = {}
    while True:
        event = request("GET", "/events/replays")
        values = {name: [value] for name, value in (query | token).items()}
        event["multiValueQueryStringParameters"] = values
        body = body_of(cloud.invoke("ListReplaysFunction", event))
        found += [each["id"] for each in body["items"]]
        if "next_page_token" not in body:
            return found
        token = {"page_token": body["next_page_token"]}


@pytest.mark.parametrize("size", ["1", "2", "50"])
def test_the_newest_replay_comes_first(cloud: Cloud, size: str) -> None:
    ids = [started(cloud, f"rpl_{number}") for number in (3, 1, 2)]

    assert walk(cloud, page_size=size) == sorted(ids, reverse=True)


def test_a_replay_past_its_time_is_not_listed(cloud: Cloud) -> None:
    started(cloud, retention=timedelta(hours=1))

    assert walk(cloud) == []


def test_a_size_that_is_no_whole_number_is_refused(cloud: Cloud) -> None:
    event = request("GET", "/events/replays")
    event["multiValueQueryStringParameters"] = {"page_size": ["many"]}

    assert refusal(cloud.invoke("ListReplaysFunction", event)) == (400, "bad_page_size")
