"""Cancelling a replay."""

import pytest

from interchange import store
from tests.answers import body_of, refusal
from tests.architecture import Json
from tests.aws_events import request
from tests.moto_cloud import Cloud
from tests.replays import ID, replay, started


def cancel(cloud: Cloud, id: str = ID) -> Json:
    event = request("DELETE", "/events/replays/{id}", id=id)
    answer: Json = cloud.invoke("CancelReplayFunction", event)
    return answer


def put_status(cloud: Cloud, status: str) -> None:
    key, values = {"id": started(cloud)}, {"status": status}
    table = cloud.name("ReplaysTable")
    store.update(table, key, "SET #status = :status", when="attribute_exists(#id)", values=values)


@pytest.mark.parametrize("status", ["queued", "running"])
def test_a_replay_that_is_under_way_is_cancelled_once(cloud: Cloud, status: str) -> None:
    put_status(cloud, status)

    first, again = cancel(cloud), cancel(cloud)

    assert (first["statusCode"], again["statusCode"]) == (200, 200)
    assert body_of(first) == body_of(again)
    assert body_of(first)["status"] == "cancelled"
    assert replay(cloud)["ended_at"] == body_of(first)["ended_at"]


@pytest.mark.parametrize("status", ["completed", "failed"])
def test_a_replay_that_has_ended_stays_so(cloud: Cloud, status: str) -> None:
    put_status(cloud, status)

    assert refusal(cancel(cloud)) == (409, "replay_ended")
    assert replay(cloud)["status"] == status


def test_an_unknown_replay_is_not_found(cloud: Cloud) -> None:
    assert refusal(cancel(cloud)) == (404, "replay_not_found")
    assert cloud.rows("ReplaysTable") == []
