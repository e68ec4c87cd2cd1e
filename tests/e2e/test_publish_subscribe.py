"""Publish-Subscribe, over HTTP."""

import json

from local.api import Api, until
from local.props import found_or_none, mail_to
from local.stack import Stack
from tests.e2e.spy import Spy
from tests.e2e.test_request_response import JSON, assert_problem


def test_a_published_event_is_logged_with_its_payload_unaltered(api: Api) -> None:
    payload = {"userId": "123", "email": "test@example.com", "n": [1, 2.5, None, "€😀\u0000"]}

    answer = api.post("/events/publish", {"topic": "user-events", "payload": payload}, expect=202)

    path = f"/events/{answer.body['id']}"
    event = until("the event in the log", lambda: found_or_none(api, path))
    assert event["data"] == payload
    assert event["specversion"] == "1.0"
    assert event["topic"] == "user-events"


def test_the_callers_correlation_id_reaches_the_event(api: Api, run: str) -> None:
    body = json.dumps({"topic": "user-events", "payload": {}}).encode()
    headers = JSON | {"x-correlation-id": f"order-{run}"}

    answer = api.call("POST", "/events/publish", body, headers)

    assert answer.headers["x-correlation-id"] == f"order-{run}"
    path = f"/events/{answer.body['id']}"
    event = until("the event in the log", lambda: found_or_none(api, path))
    assert event["correlationid"] == f"order-{run}"


def test_an_unknown_topic_is_a_404_problem(api: Api) -> None:
    body = json.dumps({"topic": "no-such-topic", "payload": {}}).encode()

    assert_problem(api.call("POST", "/events/publish", body, JSON), 404, "topic_not_found")


def test_an_event_that_was_never_published_is_a_404_problem(api: Api) -> None:
    assert_problem(api.get("/events/evt_none"), 404, "event_not_found")


def test_a_registration_is_welcomed_once(api: Api, stack: Stack, run: str, spy: Spy) -> None:
    email = f"ada.{run}@example.com"

    user = api.post("/api/users", {"email": email, "name": "Ada"}, expect=201).body

    mail = until("the welcome", lambda: mail_to(stack, email, "Welcome!"))
    assert "Ada" in mail["BodyText"]
    (event,) = spy.events(subject=user["id"])
    assert event["type"] == "user.registered"
    assert event["data"] == user


def test_an_event_of_another_type_is_welcomed_by_nobody(api: Api, stack: Stack, run: str) -> None:
    email = f"bob.{run}@example.com"
    other = {"topic": "user-events", "type": "user.renamed", "payload": {"email": email}}
    registered = {**other, "type": "user.registered", "payload": {"email": f"next-{email}"}}

    api.post("/events/publish", other, expect=202)
    api.post("/events/publish", registered, expect=202)

    until("the next one's welcome", lambda: mail_to(stack, f"next-{email}", "Welcome!"))
    assert mail_to(stack, email, "Welcome!") is None
