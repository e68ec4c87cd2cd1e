"""Publishing in every mode, over HTTP; and what becomes of it when SNS or the process fails."""

import json
import threading
import time
from typing import Any

import pytest
from cloudevents.core.bindings.http import to_binary_event, to_structured_event
from cloudevents.core.v1.event import CloudEvent

from local.api import Answer, Api, until
from local.props import found_or_none
from local.stack import Stack
from tests.e2e.faults import Proxy, intercepted, kill
from tests.e2e.spy import Spy
from tests.e2e.test_request_response import JSON, assert_problem

BATCHED = {"content-type": "application/cloudevents-batch+json"}


@pytest.fixture(scope="module")
def topic(stack: Stack) -> Proxy:
    """What stands between the publisher's function and SNS."""
    return intercepted(stack, "PublishEventsFunction", "SNS")


def is_publish(_: str, body: bytes) -> bool:
    return b"Action=PublishBatch" in body


def publish(api: Api, body: Any, headers: dict[str, str] | None = None) -> Answer:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return api.call("POST", "/events/publish", raw, headers or JSON)


def logged(api: Api, event_id: str) -> Any:
    return until("the event in the log", lambda: found_or_none(api, f"/events/{event_id}"))


def order(run: str, **given: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": run,
        "source": "https://shop.example.com/orders",
        "type": "com.example.order.placed",
        "topic": "user-events",
        **given,
    }


@pytest.mark.parametrize("write", [to_structured_event, to_binary_event])
def test_a_cloud_event_written_by_its_own_package_is_logged_as_it_is(
    api: Api, run: str, write: Any
) -> None:
    sent = order(run, subject="Euro € 😀", comexample="x", datacontenttype="application/json")
    message = write(CloudEvent(dict(sent), {"total": 1999}))  # it adds what is missing

    answer = publish(api, message.body, dict(message.headers))

    assert answer.status == 202, answer.body
    found = logged(api, answer.body["id"])
    assert found.items() >= sent.items()
    assert found["data"] == {"total": 1999}


def test_a_batch_has_a_fate_for_each(api: Api, run: str) -> None:
    batch = [order(f"{run}-1"), order(f"{run}-2", topic="no-such-topic"), order(f"{run}-3")]

    answer = publish(api, batch, BATCHED)

    assert answer.status == 207
    assert [each["status"] for each in answer.body["items"]] == [202, 404, 202]
    assert logged(api, answer.body["items"][2]["id"])["id"] == f"{run}-3"


def test_a_topic_is_registered_and_holds_payloads_to_its_schema(api: Api, run: str) -> None:
    path = f"/events/topics/orders-{run}"
    said = json.dumps({"schema": {"required": ["total"]}}).encode()
    assert api.call("PUT", path, said, JSON | {"if-none-match": "*"}).status == 201

    bad = publish(api, {"topic": f"orders-{run}", "payload": {}})
    good = publish(api, {"topic": f"orders-{run}", "payload": {"total": 1}})

    assert assert_problem(bad, 422, "payload_invalid")["errors"][0]["pointer"] == "/payload"
    assert good.status == 202
    listed = [each["id"] for each in api.get("/events/topics?page_size=1000").body["items"]]
    assert {"user-events", "payment-events", f"orders-{run}"} <= set(listed)


def test_an_event_of_a_megabyte_reaches_its_subscribers_by_claim_check(
    api: Api, stack: Stack, run: str
) -> None:
    email = f"large.{run}@example.com"
    payload = {"email": email, "name": "Grace", "more": "€" * 350_000}
    body = {"topic": "user-events", "type": "user.registered", "payload": payload}

    answer = publish(api, json.dumps(body, ensure_ascii=False).encode())

    assert answer.status == 202
    assert logged(api, answer.body["id"])["data"] == payload
    # The welcome is a task in the table once its subscriber has opened the claim check.
    until("the welcome", lambda: task_of(stack, email))


def task_of(stack: Stack, email: str) -> Any:
    found = stack.client("dynamodb").scan(
        TableName=stack.outputs["TasksTableName"],
        FilterExpression="contains(payload, :email)",
        ExpressionAttributeValues={":email": {"S": email}},
    )["Items"]
    return found or None


def test_a_body_over_what_lambda_takes_is_a_413_problem(api: Api) -> None:
    body = {"topic": "user-events", "payload": "x" * 4_500_000}

    assert_problem(publish(api, body), 413, "content_too_large")


def test_the_same_source_and_id_is_published_once(api: Api, run: str, spy: Spy) -> None:
    first, second = publish(api, [order(run)], BATCHED), publish(api, [order(run)], BATCHED)

    (taken,), (again,) = first.body["items"], second.body["items"]
    assert again == taken | {"duplicate": True}
    changed = publish(api, [order(run, data=2)], BATCHED)
    assert changed.body["items"][0]["code"] == "event_id_reused"
    logged(api, taken["id"])
    assert len(spy.events(id=run)) == 1


def test_what_sns_does_not_take_at_once_is_sent_again_within_the_request(
    api: Api, topic: Proxy, run: str
) -> None:
    answers: list[Answer] = []
    body = {"topic": "user-events", "type": "retried", "payload": run}
    with topic.refusing(is_publish, 503, b""):
        sender = threading.Thread(target=lambda: answers.append(publish(api, body)))
        sender.start()
        time.sleep(1)
        assert answers == []
    sender.join(120)

    assert answers[0].status == 202
    assert logged(api, answers[0].body["id"])["data"] == run


def test_what_sns_refuses_for_long_is_a_503_and_each_entrys_own(
    api: Api, topic: Proxy, run: str
) -> None:
    batch = [order(f"{run}-{n}") for n in range(3)]
    with topic.refusing(is_publish, 503, b""):
        refused = publish(api, batch, BATCHED)

    assert refused.status == 207
    assert refused.headers["retry-after"] == "1"
    assert [each["status"] for each in refused.body["items"]] == [503] * 3
    again = publish(api, batch, BATCHED)
    assert [each["status"] for each in again.body["items"]] == [202] * 3
    assert not any("duplicate" in each for each in again.body["items"])


def test_a_process_that_dies_before_sns_answers_loses_nothing(
    api: Api, stack: Stack, topic: Proxy, run: str
) -> None:
    gate = topic.hold(is_publish)
    sender = threading.Thread(target=publish, args=(api, [order(run)], BATCHED))
    sender.start()
    assert gate.reached.wait(120)
    assert kill(stack, "PublishEventsFunction") >= 1
    gate.drop = True
    gate.opened.set()
    sender.join(120)

    # The dead one's claim holds until its lease, the function's time, is over.
    at_once = publish(api, [order(run)], BATCHED)
    assert at_once.body["items"][0]["code"] == "event_in_progress"
    taken = until("the retry", lambda: taken_or_none(api, order(run)))
    assert "duplicate" not in taken
    assert logged(api, taken["id"])["id"] == run


def taken_or_none(api: Api, event: dict[str, Any]) -> Any:
    (fate,) = publish(api, [event], BATCHED).body["items"]
    return fate if fate["status"] == 202 else None
