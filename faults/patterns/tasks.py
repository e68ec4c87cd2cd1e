"""Message queue: tasks, one half e-mails, the other requests to a server."""

import json
from collections import Counter
from collections.abc import Collection
from functools import partial

from faults.account import Seen
from faults.pattern import JSON, Hop, Request, Role, Scene
from local.api import Answer

PATH = "/tasks"
WORKER = "RunTaskFunction"
GIVEN_UP = {"dead", "cancelled", "expired"}


class Tasks:
    """Done once the task says so, and its mail or request has gone out; at least once."""

    name = "tasks"
    once = False
    hops = (
        Hop("EnqueueTaskFunction", Role.FRONT),
        Hop("DispatchTasksFunction", Role.RELAY, ("SQS",)),
        Hop(WORKER, Role.WORKER, ("DYNAMODB", "SESV2")),
    )

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._ended: dict[str, str] = {}

    def requests(self, run: str, count: int) -> list[Request]:
        """Enqueue each task under a key of its own."""
        return [
            Request(partial(self._enqueue, f"{run}-{n}", n), lambda answer: [answer.body["id"]])
            for n in range(count)
        ]

    def _enqueue(self, key: str, number: int) -> Answer:
        mail = {"type": "email_notification", "recipient": f"{key}@example.com", "subject": "Hi"}
        call = {"type": "http_request", "url": self._scene.receiver.url(PATH)}
        body = json.dumps(mail if number % 2 else call).encode()
        headers = JSON | {"idempotency-key": key}
        return self._scene.api.call("POST", "/api/tasks/enqueue", body, headers)

    def look(self, ids: Collection[str]) -> Seen:
        """Count mails and requests by the tasks they name, where the task has ended."""
        effects = self._gone_out(ids)
        for id in ids:
            if id not in self._ended:
                self._note(id)
        done = {id for id in ids if self._ended.get(id) == "succeeded"}
        over = {id: self._ended[id] for id in ids if self._ended.get(id) in GIVEN_UP}
        return Seen(Counter({id: effects[id] for id in done}), over)

    def _note(self, id: str) -> None:
        status = self._scene.api.get(f"/api/tasks/{id}").body["status"]
        if status == "succeeded" or status in GIVEN_UP:
            self._ended[id] = status

    def _gone_out(self, ids: Collection[str]) -> Counter[str]:
        """Give the requests by their key, the mails by their header."""
        found = Counter(each.headers["idempotency-key"] for each in self._scene.receiver.at(PATH))
        mails = self._scene.doors[WORKER].through
        found.update(id for id in ids for each in list(mails) if id.encode() in each)
        return found
