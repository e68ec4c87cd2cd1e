"""Webhooks, in: payments that Stripe reports, and reports again until they are taken."""

import json
from collections import Counter
from collections.abc import Collection
from functools import partial

from faults.account import Seen
from faults.pattern import JSON, Hop, Request, Role, Scene
from local import props
from local.api import Answer, Api
from tests.e2e.spy import Spy


class Received:
    """Done once the payment's event has come and is in the log; it comes at least once."""

    name = "webhook-in"
    once = False
    hops = (
        Hop("ReceiveWebhookFunction", Role.FRONT),
        Hop("PublishReceivedFunction", Role.RELAY, ("SNS",)),
        Hop("LogEventFunction", Role.WORKER),
    )

    def __init__(self, scene: Scene) -> None:
        self._api = scene.api
        self._stripe = Api(scene.stack.base_url, "")
        self._secret = scene.stack.webhook_secrets["stripe"]
        self._spy = Spy.on(scene.stack, "faults-payments", topic=["payment-events"])

    def requests(self, run: str, count: int) -> list[Request]:
        """Report each payment."""
        bodies = [json.dumps(props.stripe_event(f"{run}_{n}")).encode() for n in range(count)]
        return [
            Request(partial(self._report, each), lambda answer: [answer.body["event_id"]])
            for each in bodies
        ]

    def _report(self, body: bytes) -> Answer:
        proof = {"stripe-signature": props.stripe_signature(self._secret, body)}
        return self._stripe.call("POST", "/stripe/payment-success", body, JSON | proof)

    def look(self, ids: Collection[str]) -> Seen:
        """Count the events that came and are logged."""
        came = Counter(each["id"] for each in self._spy.events())
        kept = [id for id in ids if came[id] and props.found_or_none(self._api, f"/events/{id}")]
        return Seen(Counter({id: came[id] for id in kept}))
