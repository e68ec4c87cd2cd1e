"""Request-response: a counter that must not be moved twice."""

import json
from collections import Counter
from collections.abc import Collection
from functools import partial

from faults.account import Seen
from faults.pattern import JSON, Hop, Request, Role, Scene
from local.api import Answer

PRODUCT = {"name": "Grinder", "category": "kitchen", "price": 29900, "currency": "EUR"}


class Stock:
    """A product for each adjustment by one: its stock says how often that was done."""

    name = "http-stock"
    once = True
    hops = (Hop("AdjustInventoryFunction", Role.FRONT),)

    def __init__(self, scene: Scene) -> None:
        self._api = scene.api

    def requests(self, run: str, count: int) -> list[Request]:
        """Put the products there, and add one to each under a key."""
        products = [f"{run}-{n}" for n in range(count)]
        body = json.dumps(PRODUCT | {"description": "64 mm flat burrs"}).encode()
        for each in products:
            self._api.call("PUT", f"/api/products/{each}", body, JSON | {"if-none-match": "*"})
        return [Request(partial(self._adjust, each), partial(_only, each)) for each in products]

    def _adjust(self, product: str) -> Answer:
        path = f"/api/products/{product}/inventory/adjustments"
        body = json.dumps({"delta": 1, "reason": "count"}).encode()
        return self._api.call("POST", path, body, JSON | {"idempotency-key": product})

    def look(self, ids: Collection[str]) -> Seen:
        """Read every product's stock."""
        return Seen(Counter({each: self._stock(each) for each in ids}))

    def _stock(self, product: str) -> int:
        found: int = self._api.get(f"/api/products/{product}/inventory").body["stock"]
        return found


def _only(product: str, _: Answer) -> list[str]:
    return [product]
