"""A test delivery: what would match, and what comes back."""

import json
from typing import Any

import pytest
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


def test_a_source_is_compared_and_no_test_says_that_it_came_from_there(customer: Customer) -> None:
    created = customer.create(filters=[{"prefix": {"source": "/webhooks/"}}])

    assert tried(customer, created["id"])["matches"] is False
    assert tried(customer, created["id"], source="/webhooks/stripe")["matches"] is True
    assert tried(customer, created["id"], source="/api/users")["matches"] is False

    sent = [json.loads(got.body) for got in customer.server.received]
    assert {each["source"] for each in sent} == {"/webhook-endpoints/tests"}


def test_extensions_are_compared_and_sent(customer: Customer) -> None:
    created = customer.create(filters=[{"exact": {"partitionkey": "order-7", "tenant": "acme"}}])
    given = {"partitionkey": "order-7", "tenant": "acme", "attempt": 2, "dry": True}

    assert tried(customer, created["id"], extensions=given)["matches"] is True
    other = given | {"tenant": "Acme"}
    assert tried(customer, created["id"], extensions=other)["matches"] is False

    sent = json.loads(customer.server.received[0].body)
    assert {name: sent[name] for name in given} == given


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"source": ""}, "/source"),
        ({"source": "a\nb"}, "/source"),
        ({"source": "a" * 513}, "/source"),
        ({"extensions": {"source": "/api/users"}}, "/extensions/source/[key]"),
        ({"extensions": {"recordid": "evt_1"}}, "/extensions/recordid/[key]"),
        ({"extensions": {"Tenant": "x"}}, "/extensions/Tenant/[key]"),
        ({"extensions": {f"a{number}": "x" for number in range(21)}}, "/extensions"),
    ],
)
def test_what_no_publisher_may_say_is_refused(
    customer: Customer, fields: Json, pointer: str
) -> None:
    created = customer.create()

    answer = customer.call("TryEndpointFunction", {"topic": "x"} | fields, id=created["id"])

    assert refusal(answer) == (422, "validation_failed")
    assert [each["pointer"] for each in body_of(answer)["errors"]] == [pointer]
    assert customer.server.received == []


@pytest.mark.parametrize("value", [None, 1.5, 2**31, "", "a\rb", [], {}])
def test_an_extension_is_a_text_a_truth_or_an_integer(customer: Customer, value: Any) -> None:
    created = customer.create()
    body = {"topic": "x", "extensions": {"tenant": value}}

    answer = customer.call("TryEndpointFunction", body, id=created["id"])

    assert refusal(answer) == (422, "validation_failed")


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
