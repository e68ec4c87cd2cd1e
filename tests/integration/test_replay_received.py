"""Processing a received webhook again."""

import pytest

from interchange import items
from tests.answers import body_of, refusal
from tests.architecture import Json
from tests.aws_events import request
from tests.faults import ProcessDied, death_after_call
from tests.integration.test_list_received import put
from tests.moto_cloud import Cloud, Context

NO_TIME_LEFT = Context(remaining_millis=0)  # so that a claim's lease is over when it is made


def replay(cloud: Cloud, id: str = "rcv_1", key: str | None = None) -> Json:
    headers = {} if key is None else {"Idempotency-Key": key}
    event = request("POST", "/webhooks/received/{id}/replays", headers=headers, id=id)
    answer: Json = cloud.invoke("ReplayReceivedFunction", event, context=NO_TIME_LEFT)
    return answer


def row(cloud: Cloud) -> Json:
    (found,) = cloud.rows("ReceivedTable")
    return items.unpack(found)


def test_a_replay_marks_the_row_for_its_stream(cloud: Cloud) -> None:
    put(cloud, 1)

    answer = replay(cloud)

    assert answer["statusCode"] == 202
    assert body_of(answer)["replay_id"] == row(cloud)["replay_id"]
    assert body_of(answer)["event_id"] == "evt_1"
    assert row(cloud)["body"] == b"{}"


def test_each_replay_is_another(cloud: Cloud) -> None:
    put(cloud, 1)

    assert body_of(replay(cloud))["replay_id"] != body_of(replay(cloud))["replay_id"]
    assert row(cloud)["version"] == 3


def test_a_replay_that_is_asked_for_twice_is_one(cloud: Cloud) -> None:
    put(cloud, 1)

    assert body_of(replay(cloud, key="k")) == body_of(replay(cloud, key="k"))
    assert row(cloud)["version"] == 2


@pytest.mark.parametrize("call", [1, 2, 3])
def test_a_death_at_any_call_marks_the_row_once(cloud: Cloud, call: int) -> None:
    put(cloud, 1)
    with death_after_call(call), pytest.raises(ProcessDied):
        replay(cloud, key="k")

    assert replay(cloud, key="k")["statusCode"] == 202
    assert row(cloud)["version"] == 2


def test_what_is_not_there_or_no_more_cannot_be_replayed(cloud: Cloud) -> None:
    put(cloud, 1, expires_epoch=1)

    for id in ("rcv_1", "rcv_2"):
        assert refusal(replay(cloud, id)) == (404, "webhook_not_found")
    assert "replay_id" not in row(cloud)
