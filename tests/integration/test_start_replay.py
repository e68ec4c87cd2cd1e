"""Taking a replay on."""

from datetime import timedelta
from typing import Any
from urllib.parse import urljoin

import pytest

from interchange import clock
from tests.answers import body_of, pointers, refusal
from tests.architecture import Json
from tests.aws_events import request
from tests.moto_cloud import Cloud
from tests.replays import replay

ASKED = {"topic": "user-events", "from": "2026-01-15T10:00:00+01:00"}
NOW = clock.now()


def start(cloud: Cloud, body: Any, **headers: str) -> Json:
    event = request(path="/events/replays", body=body, headers=headers)
    answer: Json = cloud.invoke("StartReplayFunction", event)
    return answer


def test_a_replay_is_queued_and_can_be_followed(cloud: Cloud) -> None:
    to = "2026-01-15T10:00:00Z"
    asked = ASKED | {"to": to, "type": "it", "subscriber": "welcome_user", "events_per_second": 7}

    answer = start(cloud, asked)

    assert answer["statusCode"] == 202
    body = body_of(answer)
    assert body["status"] == "queued"
    assert (body["from"], body["to"]) == ("2026-01-15T09:00:00.000Z", "2026-01-15T10:00:00.000Z")
    assert (body["type"], body["subscriber"], body["events_per_second"]) == (
        "it",
        "welcome_user",
        7,
    )
    assert body["progress"] == {"scanned": 0, "sent": 0}
    assert answer["headers"]["Retry-After"] == "1"
    where = urljoin("https://host/v1/events/replays", answer["headers"]["Location"])
    assert where == f"https://host/v1/events/replays/{body['id']}"
    assert replay(cloud, body["id"])["step"] == 0


@pytest.mark.parametrize(
    "to", [None, (NOW + timedelta(days=365)).isoformat()], ids=["none", "ahead"]
)
def test_a_window_ends_now_at_the_latest_and_stays_as_it_is(cloud: Cloud, to: str | None) -> None:
    body = body_of(start(cloud, ASKED | {"to": to}))

    assert clock.parse(body["to"]) + timedelta(milliseconds=1) >= NOW
    assert clock.parse(body["to"]) <= clock.now()
    assert body["events_per_second"] == 50


def test_a_replay_that_is_asked_for_twice_is_one(cloud: Cloud) -> None:
    first, again = (start(cloud, ASKED, **{"Idempotency-Key": "k"}) for _ in range(2))

    assert body_of(first)["id"] == body_of(again)["id"]
    assert len(cloud.rows("ReplaysTable")) == 1


def test_a_subscriber_that_takes_no_replays_is_not_found_and_those_that_do_are_named(
    cloud: Cloud,
) -> None:
    for name in ("nobody", "log_event", ""):
        answer = start(cloud, ASKED | {"subscriber": name})

        assert refusal(answer) == (404, "subscriber_not_found")
        assert "welcome_user" in body_of(answer)["detail"]
    assert cloud.rows("ReplaysTable") == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"topic": ""}, ["/topic"]),
        ({"topic": None}, ["/topic"]),
        ({"from": "yesterday"}, ["/from"]),
        ({"from": 5}, ["/from"]),
        ({"to": "2026-01-15T10:00:00"}, ["/to"]),
        ({"to": "2026-01-15T09:00:00Z"}, ["/from"]),
        ({"from": "2999-01-01T00:00:00Z"}, ["/from"]),
        ({"from": "2999-01-01T00:00:00Z", "to": "2999-01-02T00:00:00Z"}, ["/from"]),
        ({"type": ""}, ["/type"]),
        ({"events_per_second": 0}, ["/events_per_second"]),
        ({"events_per_second": 501}, ["/events_per_second"]),
        ({"events_per_second": 1.5}, ["/events_per_second"]),
        ({"events_per_second": True}, ["/events_per_second"]),
        ({"start": "2026-01-15T09:00:00Z"}, ["/start"]),
    ],
)
def test_what_cannot_be_replayed_is_refused_with_the_place(
    cloud: Cloud, change: Json, expected: list[str]
) -> None:
    assert pointers(start(cloud, ASKED | change)) == expected


def test_an_unknown_topic_is_not_found(cloud: Cloud) -> None:
    for topic in ("nothing", "No Name", "\ud800"):
        assert refusal(start(cloud, ASKED | {"topic": topic}))[0] in {400, 404}
    assert refusal(start(cloud, ASKED | {"topic": "nothing"})) == (404, "topic_not_found")


@pytest.mark.parametrize("body", [[], "x", None, 5])
def test_what_is_no_object_is_refused(cloud: Cloud, body: Any) -> None:
    assert pointers(start(cloud, body or b"null")) == [""]
