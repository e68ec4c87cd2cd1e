"""Webhooks, out: events delivered to a customer's server."""

import json
from collections import Counter
from collections.abc import Collection
from functools import partial
from typing import Any

from faults.account import Seen
from faults.pattern import JSON, Hop, Request, Role, Scene
from local.api import Answer

TOPIC = "faults-deliveries"
PATH = "/deliveries"
OVER = {"exhausted", "skipped"}


class Deliveries:
    """Done once the customer has the event; it gets it at least once, under the same id."""

    name = "webhook-out"
    once = False
    hops = (
        Hop("FanOutEventFunction", Role.WORKER),
        Hop("DispatchDeliveriesFunction", Role.RELAY, ("SQS",)),
        Hop("DeliverWebhookFunction", Role.WORKER),
    )

    def __init__(self, scene: Scene) -> None:
        self._api, self._receiver = scene.api, scene.receiver
        self._api.call("PUT", f"/events/topics/{TOPIC}", b"{}", JSON | {"if-none-match": "*"})
        body = {"url": scene.receiver.url(PATH), "topics": [TOPIC]}
        self._endpoint = self._api.post("/webhook-endpoints", body, expect=201).body["id"]

    def requests(self, run: str, count: int) -> list[Request]:
        """Publish each event under a key of its own."""
        return [
            Request(partial(self._publish, f"{run}-{n}"), lambda answer: [answer.body["id"]])
            for n in range(count)
        ]

    def _publish(self, key: str) -> Answer:
        body = json.dumps({"topic": TOPIC, "payload": {"key": key}}).encode()
        return self._api.call("POST", "/events/publish", body, JSON | {"idempotency-key": key})

    def look(self, ids: Collection[str]) -> Seen:
        """Count what came; a delivery that was given up says so."""
        came = Counter(each.headers["webhook-id"] for each in self._receiver.at(PATH))
        missing = [id for id in ids if not came[id]]
        over = {id: reason for id in missing if (reason := self._reason(id))}
        return Seen(Counter({id: came[id] for id in ids}), over)

    def _reason(self, event_id: str) -> str | None:
        query = f"/webhook-deliveries?event_id={event_id}&endpoint_id={self._endpoint}"
        found: list[dict[str, Any]] = self._api.get(query).body["items"]
        return next((each["status"] for each in found if each["status"] in OVER), None)
