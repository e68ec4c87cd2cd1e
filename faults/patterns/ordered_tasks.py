"""Message queue: lanes of tasks, each done after the one before it; one is of several slices."""

import json
import uuid
from collections import Counter
from collections.abc import Collection, Iterable
from functools import partial
from typing import Any

from faults.account import Seen
from faults.between import Plant
from faults.pattern import JSON, Hop, Request, Role, Scene
from faults.patterns.imports import put_users
from faults.patterns.tasks import GIVEN_UP, WORKER
from local import props
from local.api import Answer

PATH = "/ordered"
OVER = GIVEN_UP | {"succeeded"}
A_LANE = 4
# A worker has five seconds here, of which a slice takes 3.5: twelve pages of half a second are two.
PAGES, PAGE_SECONDS = 12, 0.5
LARGEST_PAGE = 1000
USERS = 120  # the others register meanwhile, and a page must not be one of them


class OrderedTasks:
    """Done once the task has had its effect and begun after its lane's last had ended."""

    name = "tasks-ordered"
    once = False
    hops = (
        Hop("EnqueueTaskFunction", Role.FRONT),
        Hop("DispatchSteeringFunction", Role.RELAY, ("SQS",)),
        Hop(WORKER, Role.WORKER),
    )

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._ended: dict[str, dict[str, Any]] = {}
        self._is_slow = False

    def requests(self, run: str, count: int) -> list[Request]:
        """Enqueue lanes, each by one request under a key; the first begins with long work."""
        self._slow_down()
        call = {"type": "http_request", "url": self._scene.receiver.url(PATH)}
        lanes: list[list[dict[str, Any]]] = [
            [call] * A_LANE for _ in range(max(1, count // A_LANE))
        ]
        lanes[0][0] = {
            "type": "users_report",
            "page_size": min(LARGEST_PAGE, self._users() // PAGES),
        }
        return [
            Request(partial(self._enqueue, f"{run}-{n}", lane), taken)
            for n, lane in enumerate(lanes)
        ]

    def _slow_down(self) -> None:
        """Have every page of users take long, whatever else is planted there; once."""
        if not self._is_slow:
            domain = f"{uuid.uuid4().hex[:12]}.example.com"
            put_users(self._scene.api, [f"user{n}@{domain}" for n in range(USERS)])
            slow = Plant(_is_scan, pause=lambda: PAGE_SECONDS, lasts=float("inf"))
            self._scene.doors[WORKER].plants.append(slow)
            self._is_slow = True

    def _users(self) -> int:
        stack = self._scene.stack
        pages = (
            stack.client("dynamodb")
            .get_paginator("scan")
            .paginate(TableName=stack.outputs["UsersTableName"], Select="COUNT")
        )
        return sum(page["Count"] for page in pages)

    def _enqueue(self, lane: str, tasks: list[dict[str, Any]]) -> Answer:
        body = json.dumps([each | {"ordering_key": lane} for each in tasks]).encode()
        headers = JSON | {"idempotency-key": lane}
        return self._scene.api.call("POST", "/api/tasks/enqueue", body, headers)

    def look(self, ids: Collection[str]) -> Seen:
        """Count requests by the tasks they name, and reports, where the task has ended in order."""
        for id in set(ids) - self._ended.keys():
            self._note(id)
        ended = [self._ended[id] for id in ids if id in self._ended]
        sent = Counter(each.headers["idempotency-key"] for each in self._scene.receiver.at(PATH))
        done = {each["id"]: each for each in in_order(ended) if each["status"] == "succeeded"}
        effects = Counter({id: 1 if _is_report(task) else sent[id] for id, task in done.items()})
        over = {each["id"]: each["status"] for each in ended if each["status"] in GIVEN_UP}
        return Seen(effects, over)

    def _note(self, id: str) -> None:
        task = props.ended(self._scene.api, f"/api/tasks/{id}", OVER)
        if task is not None:
            self._ended[id] = task


def taken(answer: Answer) -> list[str]:
    """Give the ids of the tasks that were taken; one that was refused has none."""
    return [each["task"]["id"] for each in answer.body["items"] if "task" in each]


def in_order(tasks: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give those that began only after the one before them had ended, lane by lane.

    The ids of one request count up, so they have the lane's order.
    """
    found, ends = [], dict[str, str]()
    for task in sorted(tasks, key=lambda each: str(each["id"])):
        if task.get("started_at", "") >= ends.get(task["ordering_key"], ""):
            found.append(task)
        ends[task["ordering_key"]] = task["ended_at"]
    return found


def _is_report(task: dict[str, Any]) -> bool:
    return bool(task["type"] == "users_report")


def _is_scan(operation: str, _: bytes) -> bool:
    return operation.endswith(".Scan")
