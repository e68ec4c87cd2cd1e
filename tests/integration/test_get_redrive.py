"""Following a redrive."""

import pytest

from interchange import clock
from message_queue.steering import sweeps
from tests.answers import body_of, refusal
from tests.architecture import Json
from tests.moto_cloud import Cloud
from tests.task_rows import TRACE, call


def get(cloud: Cloud, id: str) -> Json:
    return call(cloud, "GetRedriveFunction", "GET", "/dead/redrives/{id}", id=id)


def test_a_redrive_says_how_far_it_is(cloud: Cloud) -> None:
    table, now = cloud.name("SteeringTable"), clock.now()
    sweeps.begin(table, "swp_1", listing="dead", now=now, trace=TRACE, per_second=10, moved=3)

    shown = body_of(get(cloud, "swp_1"))

    assert (shown["id"], shown["status"], shown["moved"]) == ("swp_1", "queued", 3)
    assert not shown.keys() & {"listing", "shard", "after", "correlation_id"}


@pytest.mark.parametrize("id", ["swp_none", "pauses"])
def test_what_is_no_redrive_is_not_found(cloud: Cloud, id: str) -> None:
    call(cloud, "PauseTasksFunction", "PUT", "/pauses/{id}", body={}, id="priority:low")

    assert refusal(get(cloud, id)) == (404, "redrive_not_found")
