"""Publish-subscribe: events to a subscriber that counts them."""

import json
from collections import Counter
from collections.abc import Collection
from functools import partial

from faults.account import Seen
from faults.pattern import JSON, Hop, Request, Role, Scene
from local.api import Answer
from tests.e2e.own_subscriber import OwnSubscriber

TOPIC = "faults-events"


class Events:
    """Done once the subscriber has noted the event; it notes each once, however often it comes."""

    name = "publish"
    once = True

    def __init__(self, scene: Scene) -> None:
        self._api = scene.api
        scene.api.call("PUT", f"/events/topics/{TOPIC}", b"{}", JSON | {"if-none-match": "*"})
        self._own = OwnSubscriber.on(
            scene.stack, "EventsTopicArn", filter={"topic": [TOPIC]}, deaths=0
        )
        self.hops = (
            Hop("PublishEventsFunction", Role.FRONT, ("DYNAMODB", "SNS")),
            Hop(self._own.name, Role.WORKER),
        )

    def requests(self, run: str, count: int) -> list[Request]:
        """Publish each event under a key of its own."""
        return [
            Request(partial(self._publish, run, n), lambda answer: [answer.body["id"]])
            for n in range(count)
        ]

    def _publish(self, run: str, number: int) -> Answer:
        body = json.dumps({"topic": TOPIC, "payload": {"lane": run}}).encode()
        headers = JSON | {"idempotency-key": f"{run}-{number}"}
        return self._api.call("POST", "/events/publish", body, headers)

    def look(self, ids: Collection[str]) -> Seen:
        """Count what is noted; who gave up has the event among the dead."""
        noted = Counter(each for lane in self._own.lanes().values() for each in lane)
        dead = {each["id"]: "dead letter" for each in self._own.dead()}
        return Seen(Counter({id: noted[id] for id in ids}), dead)
