"""Replays, over HTTP: to one, to all, at a rate, cancelled, and killed halfway."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest

from interchange import clock
from local.api import Answer, Api, until
from local.props import ended, found_or_none
from local.stack import Stack
from tests.e2e.faults import Proxy, intercepted, kill
from tests.e2e.logged import TOPIC, published
from tests.e2e.spy import Spy
from tests.e2e.test_request_response import JSON, assert_problem

ENDED = {"completed", "failed", "cancelled"}
REGISTERED = "user.registered"
NOBODY = {"exists": False}


@pytest.fixture(scope="module")
def welcome(stack: Stack) -> Spy:
    """Who gets what a replay sends to the welcome, or to all."""
    return Spy.on(stack, "welcome-twin", subscriber=[NOBODY, "welcome_user"])


@pytest.fixture(scope="module")
def eraser(stack: Stack) -> Spy:
    """Who gets what a replay sends to the eraser, or to all."""
    return Spy.on(stack, "eraser-twin", subscriber=[NOBODY, "erase_user_tasks"])


class Worker(NamedTuple):
    """The replays' worker, and what stands between it and what it calls."""

    stack: Stack
    sns: Proxy
    dynamodb: Proxy


@pytest.fixture(scope="module")
def worker(stack: Stack) -> Worker:
    name = "RunReplayFunction"
    return Worker(stack, intercepted(stack, name, "SNS"), intercepted(stack, name, "DYNAMODB"))


def replay(api: Api, type: str, **given: Any) -> Answer:
    """Replay what was recorded of a type in the last hour."""
    start = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    asked = {"topic": TOPIC, "type": type, "from": start} | given
    return api.post("/events/replays", asked, expect=202)


def finished(api: Api, started: Answer) -> dict[str, Any]:
    path = f"/events/{started.headers['location']}"
    return until("the replay's end", lambda: ended(api, path, ENDED))


def replayed(spy: Spy, type: str) -> list[str]:
    """Give the ids of the events that came again; ids sort by time."""
    return sorted(each["id"] for each in spy.events(type=type) if "replayid" in each)


def test_a_replay_to_one_subscriber_reaches_it_and_no_other(
    api: Api, run: str, welcome: Spy, eraser: Spy
) -> None:
    ids = published(api, f"one.{run}", 3)

    job = finished(api, replay(api, f"one.{run}", subscriber="welcome_user"))

    assert (job["status"], job["progress"]["sent"]) == ("completed", 3)
    until("the replayed events", lambda: replayed(welcome, f"one.{run}") == ids or None)
    assert {each["replayid"] for each in welcome.events(type=f"one.{run}")[3:]} == {job["id"]}
    assert replayed(eraser, f"one.{run}") == []
    assert len(eraser.events(type=f"one.{run}")) == 3


def test_a_replay_to_all_reaches_all_and_changes_nothing_but_the_mark(
    api: Api, run: str, welcome: Spy, eraser: Spy
) -> None:
    (id,) = published(api, f"all.{run}", 1)

    job = finished(api, replay(api, f"all.{run}"))

    for spy in (welcome, eraser):
        until("both", lambda spy=spy: len(spy.events(type=f"all.{run}")) == 2 or None)  # type: ignore[misc]
        first, again = spy.events(type=f"all.{run}")
        assert again == first | {"replayid": job["id"]}
    assert api.get(f"/events/{id}").body == first


def test_a_replay_holds_its_rate(api: Api, run: str) -> None:
    published(api, f"slow.{run}", 6)

    job = finished(api, replay(api, f"slow.{run}", events_per_second=2))

    assert job["progress"] == {"scanned": job["progress"]["scanned"], "sent": 6} | {
        "position": job["to"]
    }
    lasted = clock.parse(job["ended_at"]) - clock.parse(job["started_at"])
    assert lasted >= timedelta(seconds=2)  # three steps, each a second after the one before


def test_a_cancelled_replay_sends_no_more(api: Api, run: str, welcome: Spy) -> None:
    published(api, f"cancelled.{run}", 5)
    started = replay(api, f"cancelled.{run}", events_per_second=1, subscriber="welcome_user")
    path = f"/events/replays/{started.body['id']}"
    until("the first event", lambda: replayed(welcome, f"cancelled.{run}") or None)

    cancelled = api.call("DELETE", path)

    assert (cancelled.status, cancelled.body["status"]) == (200, "cancelled")
    assert api.call("DELETE", path).status == 200
    marker = replay(api, f"cancelled.{run}", subscriber="welcome_user")  # later than any other step
    assert finished(api, marker)["progress"]["sent"] == 5
    job = api.get(path).body
    until("the marker", lambda: len(replayed(welcome, f"cancelled.{run}")) >= 6 or None)
    sent = welcome.events(type=f"cancelled.{run}", replayid=job["id"])
    assert job["status"] == "cancelled"
    assert len(sent) == job["progress"]["sent"] < 5


@pytest.mark.parametrize("held", ["before", "after"])
def test_a_worker_killed_in_the_middle_of_a_replay_loses_and_counts_nothing_twice(
    api: Api, run: str, welcome: Spy, worker: Worker, held: str
) -> None:
    """Before SNS has the events, or after it and before the row has moved on."""
    type = f"killed.{held}.{run}"
    ids = published(api, type, 3)
    holding = (
        worker.sns.hold(lambda _, body: type.encode() in body)
        if held == "before"
        else worker.dynamodb.hold(lambda operation, _: operation.endswith("UpdateItem"))
    )

    started = replay(api, type, subscriber="welcome_user")
    assert holding.reached.wait(120)
    assert kill(worker.stack, "RunReplayFunction") > 0
    holding.drop = True
    holding.opened.set()

    job = finished(api, started)
    assert (job["status"], job["progress"]["sent"]) == ("completed", 3)
    again = ids if held == "before" else sorted(ids + ids)
    until("the replayed events", lambda: replayed(welcome, type) == again or None)


def test_an_erased_users_events_are_not_replayed(api: Api, run: str, welcome: Spy) -> None:
    before = datetime.now(UTC).isoformat()
    body = {"email": f"erased.{run}@example.com", "name": "Ada"}
    user = api.post("/api/users", body, expect=201).body
    (event,) = until(
        "the registration",
        lambda: welcome.events(subject=user["id"], type=REGISTERED) or None,
    )
    path = f"/events/{event['id']}"
    until("the event in the log", lambda: found_or_none(api, path))
    assert api.call("DELETE", f"/api/users/{user['id']}").status == 204
    until("the erasure", lambda: api.get(path).status == 404 or None)

    job = finished(api, replay(api, REGISTERED, **{"from": before}))

    assert job["progress"]["sent"] == 0
    assert api.get(path).status == 404


def test_replays_are_listed_the_newest_first(api: Api, run: str) -> None:
    ids = [replay(api, f"listed.{run}").body["id"] for _ in range(3)]

    first = api.get("/events/replays?page_size=2").body
    rest = api.get(f"/events/replays?page_size=2&page_token={first['next_page_token']}").body

    assert [each["id"] for each in first["items"]] == ids[:0:-1]
    assert rest["items"][0]["id"] == ids[0]


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"subscriber": "nobody"}, 404, "subscriber_not_found"),
        ({"subscriber": "log_event"}, 404, "subscriber_not_found"),
        ({"from": "yesterday"}, 422, "validation_failed"),
        ({"from": "2999-01-01T00:00:00Z"}, 422, "validation_failed"),
        ({"to": 5}, 422, "validation_failed"),
        ({"events_per_second": 0}, 422, "validation_failed"),
        ({"unknown": 1}, 422, "validation_failed"),
    ],
)
def test_what_cannot_be_replayed_is_a_problem(
    api: Api, change: dict[str, Any], status: int, code: str
) -> None:
    body = {"topic": TOPIC, "from": "2026-01-15T09:30:00Z"} | change

    answer = api.call("POST", "/events/replays", json.dumps(body).encode(), JSON)

    assert_problem(answer, status, code)


def test_an_unknown_replay_is_a_404_problem(api: Api) -> None:
    assert_problem(api.get("/events/replays/rpl_none"), 404, "replay_not_found")
    assert_problem(api.call("DELETE", "/events/replays/rpl_none"), 404, "replay_not_found")
