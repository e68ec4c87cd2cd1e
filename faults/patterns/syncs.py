"""Batch: a feed of products that the catalogue follows."""

import json
import uuid
from collections import Counter
from collections.abc import Collection
from functools import partial
from typing import Any

from faults.account import Seen
from faults.pattern import JSON, Hop, Request, Role, Scene
from local.api import Answer
from local.props import ended
from tests.e2e.faults import configure
from tests.feed_source import Source

ROUTE, PATH = "/api/products/syncs", "/faults-feed"
ENDED = {"completed", "completed_with_errors", "failed", "cancelled"}
READS_THE_FEED = ("StartSyncFunction", "StepSyncFunction")


class Syncs:
    """Done once the product is as the feed has it, and the run has counted it; once."""

    name = "sync"
    once = True
    hops = (
        Hop("StartSyncFunction", Role.FRONT),
        Hop("DispatchSyncsFunction", Role.RELAY, ("SQS",)),
        Hop("StepSyncFunction", Role.WORKER),
    )

    def __init__(self, scene: Scene) -> None:
        self._api = scene.api
        self._shop = f"shop-{uuid.uuid4().hex[:12]}"
        self._source = Source(format="csv")
        self._round = 0
        scene.receiver.behaviours[PATH] = self._source.whole()
        feed = {"FEED_URL": scene.receiver.url(PATH), "FEED_OBJECT": ""}
        for each in READS_THE_FEED:
            configure(scene.stack, each, **feed, FEED_FORMAT="csv", FEED_MODE="full")

    def requests(self, run: str, count: int) -> list[Request]:
        """Change every product in the feed, and ask for one run: there is one at a time."""
        self._round += 1
        for n in range(count):
            about = {"category": self._shop, "price": self._round}
            self._source.put(f"{self._shop}-{n}", seconds=self._round, **about)
        return [Request(partial(self._start, run), self._rows)]

    def _start(self, key: str) -> Answer:
        return self._api.call("POST", ROUTE, b"{}", JSON | {"idempotency-key": key})

    def _rows(self, answer: Answer) -> list[str]:
        return [f"{answer.body['id']}/{each}" for each in self._source.rows]

    def look(self, ids: Collection[str]) -> Seen:
        """Compare the catalogue with the feed once the run has ended; one that failed says why."""
        (job,) = {id.partition("/")[0] for id in ids}
        found = ended(self._api, f"{ROUTE}/{job}", ENDED)
        if found is None:
            return Seen()
        if not found["status"].startswith("completed"):
            return Seen(explained=dict.fromkeys(ids, json.dumps(found.get("error"))))
        good = sorted(f"{job}/{each}" for each in self._good())
        again = max(0, found["counts"]["total"] - len(self._source.rows))  # counted twice
        return Seen(Counter([*good, *good[:again]]))

    def _good(self) -> list[str]:
        """Name the products that are as the feed has them."""
        path = f"/api/products?category={self._shop}&page_size=1000"
        items: list[dict[str, Any]] = self._api.get(path).body["items"]
        alive = self._source.alive()
        return [
            each["id"]
            for each in items
            if {name: each[name] for name in alive[each["id"]]} == alive[each["id"]]
        ]
