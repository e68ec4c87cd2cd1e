"""A test delivery: what would match, and what comes back."""

import json
from typing import Any

import standardwebhooks

from tests import receiver
from tests.answers import body_of, refusal
from tests.architecture import Json
from tests.customers import Customer


def tried(customer: Customer, id: str, **event: Any) -> Json:
    body = {"topic": "payment-events", "data": {"amount": 5}} | event
    answer = customer.call("TryEndpointFunction", body, id=id)
    assert answer["statusCode"] == 200, answer["body"]
    found: Json = body_of(answer)
    return found


def test_it_is_sent_signed_and_says_whether_it_would_match(customer: Customer) -> None:
    created = customer.create(data_equals={"/amount": 5}, types=["a"])

    assert tried(customer, created["id"], type="a")["matches"] is True
    assert tried(customer, created["id"], type="b")["matches"] is False

    for got in customer.server.received:
        standardwebhooks.Webhook(created["secret"]).verify(got.body, dict(got.headers))
    assert json.loads(customer.server.received[0].body)["data"] == {"amount": 5}
    assert customer.rows() == []


def test_what_fails_is_an_answer_too_and_says_nothing_of_health(customer: Customer) -> None:
    created = customer.create()
    for behaviour, kind in ((receiver.answering(410), "gone"), (receiver.RUBBISH, "protocol")):
        customer.server.behaviours["/hook"] = behaviour
        attempt = tried(customer, created["id"])["attempt"]
        assert (attempt["delivered"], attempt["error_class"]) == (False, kind)

    assert customer.endpoint(created["id"])["status"] == "active"
    assert customer.fares(created["id"]) == {}


def test_an_unknown_endpoint_cannot_be_tried(customer: Customer) -> None:
    answer = customer.call("TryEndpointFunction", {"topic": "x"}, id="ep_unknown")

    assert refusal(answer) == (404, "endpoint_not_found")
