"""Looking at deliveries; trying one again."""

from datetime import timedelta
from typing import Any

import pytest

from interchange import clock
from tests import receiver
from tests.answers import body_of, refusal
from tests.architecture import Json
from tests.aws_events import request
from tests.customers import Customer
from webhook.delivering import deliveries


def listed(customer: Customer, **query: str) -> Json:
    event = request("GET", "/webhook-deliveries")
    event["multiValueQueryStringParameters"] = {name: [each] for name, each in query.items()}
    answer: Json = customer.cloud.invoke("ListDeliveriesFunction", event)
    return answer


def walk(customer: Customer, **query: str) -> list[list[str]]:
    pages, token = [], ""
    while True:
        body = body_of(listed(customer, **query, **({"page_token": token} if token else {})))
        pages.append([each["id"] for each in body["items"]])
        token = body.get("next_page_token", "")
        if not token:
            return pages


@pytest.fixture
def endpoints(customer: Customer) -> list[str]:
    """Two endpoints with six deliveries each, every third of them ended."""
    ids = [str(customer.create()["id"]) for _ in range(2)]
    for number in range(6):
        customer.publish(id=f"evt_{number}")
    for number, row in enumerate(customer.rows()):
        if number % 3 == 0:
            customer.change(deliveries.key(row["id"]), status="exhausted")
    return ids


def test_an_endpoints_pages_are_its_deliveries_the_oldest_first(
    customer: Customer, endpoints: list[str]
) -> None:
    for size in ("1", "2", "4", "50"):
        found = [
            id for ids in walk(customer, endpoint_id=endpoints[0], page_size=size) for id in ids
        ]
        expected = [each for each in customer.rows() if each["endpoint_id"] == endpoints[0]]
        assert found == [each["id"] for each in expected]


def test_filters_hold_together(customer: Customer, endpoints: list[str]) -> None:
    for query in (
        {"event_id": "evt_3"},
        {"endpoint_id": endpoints[1], "event_id": "evt_3"},
        {"status": "exhausted"},
        {"endpoint_id": endpoints[0], "status": "exhausted", "page_size": "1"},
        {},
    ):
        given: Any = query
        found = {id for ids in walk(customer, **given) for id in ids}
        names = query.keys() - {"page_size"}
        assert found == {
            each["id"]
            for each in customer.rows()
            if all(each[name] == given[name] for name in names)
        }


def test_a_window_of_time_holds_in_any_offset(customer: Customer, endpoints: list[str]) -> None:
    start = clock.now()
    customer.publish(id="evt_9")
    later = (start + timedelta(hours=1)).astimezone()

    after = walk(customer, endpoint_id=endpoints[0], **{"from": start.isoformat()})
    before = walk(customer, endpoint_id=endpoints[0], to=start.isoformat())
    none = walk(customer, **{"from": later.isoformat()})

    assert [len(ids) for ids in after] == [1]
    assert [len(ids) for ids in before] == [6]
    assert none == [[]]


def test_an_expired_delivery_is_not_shown(customer: Customer, endpoints: list[str]) -> None:
    for each in customer.rows():
        customer.change(deliveries.key(each["id"]), expires_epoch=1)

    assert walk(customer, endpoint_id=endpoints[0]) == [[]]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"status": "lost"}, "bad_status"),
        ({"from": "yesterday"}, "bad_time"),
        ({"to": "2026-02-31T00:00:00Z"}, "bad_time"),
        ({"from": "0001-01-01T00:00:00+14:00"}, "bad_time"),
        ({"from": "2026-01-01T00:00:00"}, "bad_time"),
        ({"from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"}, "bad_window"),
        (
            {"endpoint_id": "ep_1", "from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"},
            "bad_window",
        ),
        ({"endpoint_id": ""}, "bad_query"),
        ({"event_id": "a b"}, "bad_query"),
    ],
)
def test_rubbish_is_refused(customer: Customer, query: Any, code: str) -> None:
    assert refusal(listed(customer, **query)) == (400, code)


def test_a_delivery_shows_every_attempt(customer: Customer) -> None:
    customer.create()
    customer.server.behaviours["/hook"] = receiver.in_turn(
        receiver.answering(500, body=b"\xffno"), receiver.answering(200)
    )
    customer.publish()
    for _ in range(2):
        customer.deliver()
        customer.make_due()

    body = body_of(customer.call("GetDeliveryFunction", method="GET", id=customer.row()["id"]))

    assert [each["number"] for each in body["tries"]] == [1, 2]
    assert body["tries"][0]["response"] == "\ufffdno"
    assert body["tries"][0]["error_class"] == "server_error"
    assert body["status"] == "delivered"


def test_an_unknown_delivery_is_a_404(customer: Customer) -> None:
    for name, method in (("GetDeliveryFunction", "GET"), ("RetryDeliveryFunction", "POST")):
        answer = customer.call(name, method=method, id="dlv_unknown")
        assert refusal(answer) == (404, "delivery_not_found")


def test_a_retry_sends_once_more_and_leaves_the_endpoints_health_alone(customer: Customer) -> None:
    endpoint = customer.create()
    customer.publish()
    customer.deliver()
    id = customer.row()["id"]
    customer.server.behaviours["/hook"] = receiver.answering(410)

    assert customer.call("RetryDeliveryFunction", id=id)["statusCode"] == 202
    customer.deliver()

    assert len(customer.server.received) == 2
    assert customer.row()["status"] == "exhausted"
    assert customer.attempts()[-1]["manual"] is True
    assert customer.endpoint(endpoint["id"])["status"] == "active"
    assert not {"failing_since", "held_until"} & customer.fares(endpoint["id"]).keys()


def test_a_retry_reaches_a_disabled_endpoint(customer: Customer) -> None:
    endpoint = customer.create()
    customer.patch(endpoint["id"], status="disabled")
    customer.publish()

    customer.call("RetryDeliveryFunction", id=customer.row()["id"])
    customer.deliver()

    assert customer.row()["status"] == "delivered"


def test_a_retry_that_fails_waits_on_where_it_waited(customer: Customer) -> None:
    customer.create()
    customer.server.behaviours["/hook"] = receiver.answering(500)
    customer.publish()
    customer.deliver()
    waiting = customer.row()

    customer.call("RetryDeliveryFunction", id=waiting["id"])
    customer.deliver()

    row = customer.row()
    assert (row["status"], row["due_at"]) == ("retry_wait", waiting["due_at"])
    assert row["failures"] == waiting["failures"] == 1


def test_what_is_under_way_is_not_retried(customer: Customer) -> None:
    customer.create()
    customer.publish()

    answer = customer.call("RetryDeliveryFunction", id=customer.row()["id"])

    assert refusal(answer) == (409, "delivery_not_at_rest")


def test_the_same_retry_twice_is_one(customer: Customer) -> None:
    customer.create()
    customer.publish()
    customer.deliver()
    headers = {"Idempotency-Key": "key-1"}

    for _ in range(2):
        answer = customer.call("RetryDeliveryFunction", headers=headers, id=customer.row()["id"])
        assert answer["statusCode"] == 202
        customer.deliver(customer.row()["id"])

    assert len(customer.server.received) == 2
