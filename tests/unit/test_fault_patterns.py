"""What the fault suite's patterns make of what they see, with an API that answers from memory."""

import json
from email.message import Message
from types import SimpleNamespace
from typing import Any, cast

import pytest

from faults.between import Between
from faults.pattern import Scene
from faults.patterns import ordered_tasks, syncs
from faults.patterns.ordered_tasks import OrderedTasks, in_order, taken
from faults.patterns.syncs import Syncs
from faults.patterns.tasks import WORKER
from local.api import Answer
from tests.architecture import Json


def task(id: str, started: int, ended: int, **about: Any) -> Json:
    times = {"started_at": f"12:00:{started:02}Z", "ended_at": f"12:00:{ended:02}Z"}
    usual = {"ordering_key": "lane", "type": "http_request", "status": "succeeded"}
    return {"id": id, **usual, **times, **about}


class Memory:
    """An API whose resources are what a test put there; it keeps what is sent."""

    def __init__(self, resources: Json) -> None:
        self.resources, self.sent = resources, list[Any]()

    def get(self, path: str) -> Answer:
        return Answer(200, self.resources[path], Message())

    def call(self, *sent: Any) -> Answer:
        self.sent.append(sent)
        return Answer(202, {"id": "job"}, Message())


def scene(api: Memory, *requests: str) -> Scene:
    """Make a scene, whose receiver has had a request of each of these tasks."""
    came = [SimpleNamespace(headers={"idempotency-key": each}) for each in requests]
    receiver = SimpleNamespace(url=lambda path: f"http://r{path}", at=lambda _: came, behaviours={})
    return cast(Scene, SimpleNamespace(api=api, receiver=receiver, stack=None, doors={}))


def test_a_task_that_began_before_its_lanes_last_had_ended_is_out_of_order() -> None:
    lane = [task("t2", 3, 4), task("t1", 1, 2), task("t3", 3, 5)]
    other = task("t4", 1, 2, ordering_key="other")

    assert [each["id"] for each in in_order([*lane, other])] == ["t1", "t2", "t4"]


def test_an_ordered_task_is_done_once_it_ended_in_order_and_its_request_came() -> None:
    tasks = [
        task("t1", 1, 9, type="users_report"),
        task("t2", 10, 11),
        task("t3", 12, 13, status="dead"),
        task("t4", 14, 15),
        task("t5", 14, 16),  # beside the one before it
        task("t6", 17, 18),  # without a request
        task("t7", 19, 20, status="running"),
    ]
    api = Memory({f"/api/tasks/{each['id']}": each for each in tasks})
    ids = [each["id"] for each in tasks]

    seen = OrderedTasks(scene(api, "t2", "t4", "t4", "t5")).look(ids)

    assert +seen.effects == {"t1": 1, "t2": 1, "t4": 2}
    assert seen.explained == {"t3": "dead"}
    assert not seen.settles(ids)


def test_the_first_lane_begins_with_work_of_several_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ordered_tasks, "put_users", lambda *_: None)
    monkeypatch.setattr(OrderedTasks, "_users", lambda _: 250)
    api = Memory({})
    played = scene(api)

    with Between("http://127.0.0.1:1") as door:
        played.doors[WORKER] = door
        for each in OrderedTasks(played).requests("run", 8):
            each.send()
        slow, fast = (door.delay(f"DynamoDB_20120810.{each}", b"") for each in ("Scan", "GetItem"))

    lanes = [json.loads(body) for _, _, body, _ in api.sent]
    assert [[each["ordering_key"] for each in lane] for lane in lanes] == [
        ["run-0"] * 4,
        ["run-1"] * 4,
    ]
    assert lanes[0][0] == {"type": "users_report", "page_size": 20, "ordering_key": "run-0"}
    assert {each["type"] for lane in lanes for each in lane} == {"users_report", "http_request"}
    assert (slow, fast) == (0.5, 0)


def test_of_an_array_those_count_that_were_taken() -> None:
    items = [{"status": 202, "task": {"id": "t1"}}, {"status": 503, "code": "unavailable"}]

    assert taken(Answer(207, {"items": items}, Message())) == ["t1"]


@pytest.fixture
def catalogue(monkeypatch: pytest.MonkeyPatch) -> tuple[Syncs, Json]:
    """A catalogue that follows a feed of two products, and what its API says."""
    monkeypatch.setattr(syncs, "configure", lambda *_, **__: None)
    pattern = Syncs(scene(Memory({})))
    (request,) = pattern.requests("run", 2)
    ids = request.ids(request.send())
    assert [each.partition("/")[0] for each in ids] == ["job", "job"]
    shown = [{"id": id, **row} for id, row in pattern._source.alive().items()]
    path = f"/api/products?category={pattern._shop}&page_size=1000"
    return pattern, {path: {"items": shown}, "ids": ids}


def look(catalogue: tuple[Syncs, Json], **job: Any) -> tuple[list[int], list[str]]:
    pattern, resources = catalogue
    cast(Memory, pattern._api).resources = resources | {"/api/products/syncs/job": job}
    seen = pattern.look(resources["ids"])
    return [seen.effects[each] for each in resources["ids"]], list(seen.explained.values())


def test_a_product_is_done_once_the_run_has_ended_and_the_catalogue_has_it(
    catalogue: tuple[Syncs, Json],
) -> None:
    assert look(catalogue, status="running") == ([0, 0], [])
    assert look(catalogue, status="completed", counts={"total": 2}) == ([1, 1], [])
    (path,) = (each for each in catalogue[1] if "category" in each)
    catalogue[1][path]["items"][1]["price"] += 1
    assert look(catalogue, status="completed", counts={"total": 2}) == ([1, 0], [])


def test_a_product_that_is_counted_twice_was_done_twice(catalogue: tuple[Syncs, Json]) -> None:
    assert look(catalogue, status="completed", counts={"total": 3}) == ([2, 1], [])


def test_a_run_that_failed_says_why(catalogue: tuple[Syncs, Json]) -> None:
    error = {"code": "sync_failed"}

    assert look(catalogue, status="failed", error=error) == (
        [0, 0],
        ['{"code": "sync_failed"}'] * 2,
    )
