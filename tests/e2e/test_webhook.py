"""Webhook, over HTTP, signed by Stripe's own library."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import stripe

from local.api import Answer, Api, until
from local.props import found_or_none
from local.stack import Stack
from tests.e2e.spy import Spy
from tests.e2e.test_request_response import JSON, assert_problem

ROUTES = ["/stripe/payment-success", "/webhooks/stripe"]


def payment(run: str) -> bytes:
    event = {
        "id": f"evt_{run}",
        "object": "event",
        "type": "payment_intent.succeeded",
        "data": {"object": {"id": f"pi_{run}", "amount": 4200, "currency": "eur"}},
    }
    return json.dumps(event).encode()


def signature(body: bytes, secret: str, *, age: int = 0) -> str:
    timestamp = int(time.time()) - age
    signed = f"{timestamp}.{body.decode()}"
    digest = stripe.WebhookSignature._compute_signature(signed, secret)
    return f"t={timestamp},v1={digest}"


def deliver(stack: Stack, body: bytes, header: str | None, route: str = ROUTES[0]) -> Answer:
    """Call as Stripe does: with a signature and no key."""
    signed = {} if header is None else {"stripe-signature": header}
    return Api(stack.base_url, "").call("POST", route, body, JSON | signed)


def received(stack: Stack) -> int:
    table = stack.outputs["ReceivedTableName"]
    count: int = stack.client("dynamodb").scan(TableName=table, Select="COUNT")["Count"]
    return count


@pytest.mark.parametrize("route", ROUTES)
def test_a_signed_payment_becomes_an_event_with_stripes_own_body(
    stack: Stack, api: Api, run: str, route: str
) -> None:
    body = payment(run)

    answer = deliver(stack, body, signature(body, stack.webhook_secrets["stripe"]), route)

    assert answer.status == 202
    path = f"/events/{answer.body['event_id']}"
    event = until("the payment in the log", lambda: found_or_none(api, path))
    assert event["topic"] == "payment-events"
    assert event["type"] == "stripe.payment_intent.succeeded"
    assert event["data"] == json.loads(body)


def test_one_payment_sent_five_times_at_once_is_one_event(stack: Stack, run: str, spy: Spy) -> None:
    body = payment(run)
    header = signature(body, stack.webhook_secrets["stripe"])

    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda _: deliver(stack, body, header), range(5)))

    assert sorted(answer.status for answer in answers) == [200, 200, 200, 200, 202]
    (event_id,) = {answer.body["event_id"] for answer in answers}
    until("the event", lambda: spy.events(id=event_id) or None)
    time.sleep(1)  # a second one would come at once
    assert len(spy.events(id=event_id)) == 1


def unproven(secret: str, body: bytes) -> list[tuple[str | None, int, str]]:
    """Give Stripe-Signature headers that prove nothing, with the refusal that each deserves."""
    timestamp, _, digest = signature(body, secret).partition(",v1=")
    return [
        (None, 401, "signature_missing"),
        ("", 400, "signature_malformed"),
        ("t=x;v1", 400, "signature_malformed"),
        (timestamp, 400, "signature_malformed"),
        (f"t=+1,v1={digest}", 400, "signature_malformed"),
        (f"{timestamp},v1={'0' * 64}", 401, "signature_invalid"),
        (f"{timestamp},v1=x,v0={digest}", 401, "signature_invalid"),
        (signature(body, "whsec_other"), 401, "signature_invalid"),
        (signature(body, secret, age=310), 401, "signature_stale"),
        (signature(body, secret, age=-310), 401, "signature_stale"),
    ]


def test_what_is_not_proven_is_refused_and_leaves_nothing_behind(stack: Stack, run: str) -> None:
    body = payment(run)
    before = received(stack)

    for header, status, code in unproven(stack.webhook_secrets["stripe"], body):
        assert_problem(deliver(stack, body, header), status, code)

    assert received(stack) == before


def test_a_body_of_another_media_type_is_refused(stack: Stack) -> None:
    answer = Api(stack.base_url, "").call("POST", ROUTES[0], b"{}", {"content-type": "text/plain"})

    assert_problem(answer, 415, "unsupported_media_type")


def test_a_changed_body_is_refused(stack: Stack, run: str) -> None:
    body = payment(run)
    header = signature(body, stack.webhook_secrets["stripe"])

    assert_problem(deliver(stack, body + b" ", header), 401, "signature_invalid")


def test_an_authentic_body_that_is_no_json_is_kept_and_passed_on(
    stack: Stack, api: Api, run: str
) -> None:
    body = f"not json {run}".encode()

    answer = deliver(stack, body, signature(body, stack.webhook_secrets["stripe"]))

    assert answer.status == 202
    path = f"/events/{answer.body['event_id']}"
    event: dict[str, Any] = until("the event", lambda: found_or_none(api, path))
    assert event["datacontenttype"] == "application/octet-stream"


def test_an_unknown_source_is_a_404_problem(stack: Stack) -> None:
    answer = deliver(stack, b"{}", "t=1,v1=0", "/webhooks/nobody")

    assert_problem(answer, 404, "source_not_found")


def test_a_body_over_the_limit_is_a_413_problem(stack: Stack) -> None:
    assert_problem(deliver(stack, b"x" * 4_600_000, "t=1,v1=0"), 413, "content_too_large")
