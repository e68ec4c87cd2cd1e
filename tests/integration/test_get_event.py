"""Reading an event from the log."""

import json
import time

import pytest

from interchange import store
from tests.answers import body_of, refusal
from tests.architecture import Json
from tests.aws_events import request
from tests.moto_cloud import Cloud


def put_event(cloud: Cloud, expires_in: float) -> None:
    expires = int(time.time() + expires_in)
    row = {"id": "evt_1", "event": json.dumps({"id": "evt_1"}), "expires_epoch": expires}
    store.put_new(cloud.name("EventsTable"), row)


def get(cloud: Cloud, id: str = "evt_1") -> Json:
    answer: Json = cloud.invoke("GetEventFunction", request("GET", "/events/{id}", id=id))
    return answer


def test_an_event_is_answered_as_it_was_published(cloud: Cloud) -> None:
    put_event(cloud, expires_in=60)

    answer = get(cloud)

    assert answer["statusCode"] == 200
    assert body_of(answer) == {"id": "evt_1"}


@pytest.mark.parametrize("expires_in", [0, -1, -172_800])
def test_an_event_past_its_time_is_gone_even_where_it_is_not_deleted(
    cloud: Cloud, expires_in: float
) -> None:
    put_event(cloud, expires_in)

    assert refusal(get(cloud)) == (404, "event_not_found")


def test_an_unknown_event_is_not_found(cloud: Cloud) -> None:
    assert refusal(get(cloud, "evt_2")) == (404, "event_not_found")
