"""Request-response: users register, and each registration is told to the subscribers."""

import json
from collections import Counter
from collections.abc import Collection
from functools import partial

from faults.account import Seen
from faults.pattern import JSON, Hop, Request, Role, Scene
from local.api import Answer
from tests.e2e.spy import Spy


class Users:
    """Done once the user can be read and the event has come; the event comes at least once."""

    name = "http-users"
    once = False
    hops = (
        Hop("RegisterUserFunction", Role.FRONT),
        Hop("PublishUserEventsFunction", Role.RELAY, ("SNS",)),
    )

    def __init__(self, scene: Scene) -> None:
        self._api = scene.api
        self._spy = Spy.on(scene.stack, "faults-users", type=["user.registered"])

    def requests(self, run: str, count: int) -> list[Request]:
        """Register each address under a key of its own."""
        return [
            Request(partial(self._register, f"u{n}.{run}"), lambda answer: [answer.body["id"]])
            for n in range(count)
        ]

    def _register(self, name: str) -> Answer:
        body = json.dumps({"email": f"{name}@example.com", "name": "Ada"}).encode()
        return self._api.call("POST", "/api/users", body, JSON | {"idempotency-key": name})

    def look(self, ids: Collection[str]) -> Seen:
        """Count the events about each user who is there."""
        told = Counter(each["subject"] for each in self._spy.events())
        there = [id for id in ids if told[id] and self._api.get(f"/api/users/{id}").status == 200]  # noqa: PLR2004
        return Seen(Counter({id: told[id] for id in there}))
