"""Following a replay."""

from datetime import timedelta

from tests.answers import body_of, refusal
from tests.architecture import Json
from tests.aws_events import request
from tests.moto_cloud import Cloud
from tests.replays import ID, started


def get(cloud: Cloud, id: str = ID) -> Json:
    answer: Json = cloud.invoke("GetReplayFunction", request("GET", "/events/replays/{id}", id=id))
    return answer


def test_a_replay_is_shown_without_what_is_ours(cloud: Cloud) -> None:
    started(cloud)

    answer = get(cloud)

    assert answer["statusCode"] == 200
    body = body_of(answer)
    assert (body["id"], body["status"]) == (ID, "queued")
    assert not body.keys() & {"step", "due_at", "after", "kind", "expires_epoch", "traceparent"}


def test_an_unknown_replay_is_not_found(cloud: Cloud) -> None:
    assert refusal(get(cloud)) == (404, "replay_not_found")


def test_a_replay_past_its_time_is_gone_even_where_it_is_not_deleted(cloud: Cloud) -> None:
    started(cloud, retention=timedelta(hours=1))

    assert refusal(get(cloud)) == (404, "replay_not_found")
