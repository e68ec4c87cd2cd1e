"""Lanes: one after the other, whatever fails, dies, comes twice or is changed meanwhile."""

import json
import random
from typing import Any

import pytest

from interchange import aws, store
from tests import receiver
from tests.answers import body_of, refusal
from tests.architecture import Json
from tests.aws_events import queue
from tests.customers import Customer
from tests.faults import ProcessDied, death_after_call, hooked
from webhook.delivering import deliveries, event_rows


@pytest.fixture
def endpoint(customer: Customer) -> Json:
    """An endpoint that wants order, with three events of one key on their way."""
    found = customer.create(ordered=True)
    publish(customer, 1, 2, 3)
    return found


def publish(customer: Customer, *numbers: int, key: str = "k") -> None:
    for number in numbers:
        customer.publish(id=f"evt_{number}", key=key)


def got(customer: Customer) -> list[str]:
    """Give the events in the order in which the customer got them."""
    return [each.headers["webhook-id"] for each in customer.server.received]


def states(customer: Customer) -> list[str]:
    return [each["status"] for each in customer.rows()]


def deliver_all(customer: Customer) -> None:
    """Hand the worker messages for all deliveries in any order, until nothing waits."""
    for _ in range(40):
        waiting = [each for each in customer.rows() if each["status"] not in deliveries.ENDED]
        if not waiting:
            return
        customer.make_due()
        customer.deliver(*(each["id"] for each in random.sample(waiting, len(waiting))))
    raise AssertionError("the lane does not move on")


def test_messages_in_any_order_deliver_in_one(customer: Customer, endpoint: Json) -> None:
    publish(customer, 4, key="other")

    deliver_all(customer)

    of_key = [each for each in got(customer) if each != "evt_4"]
    assert of_key == ["evt_1", "evt_2", "evt_3"]
    assert set(states(customer)) == {"delivered"}


def test_an_emptied_lane_begins_again(customer: Customer, endpoint: Json) -> None:
    deliver_all(customer)

    publish(customer, 4, 5)

    assert states(customer)[3:] == ["pending", "queued"]
    deliver_all(customer)
    assert got(customer) == [f"evt_{number}" for number in range(1, 6)]


def test_what_fails_holds_back_its_own_key_until_it_is_exhausted(
    customer: Customer, endpoint: Json
) -> None:
    customer.server.behaviours["/hook"] = of_event("evt_1", receiver.answering(500))
    publish(customer, 4, key="other")
    first, *_, other = customer.rows()

    customer.deliver(other["id"], first["id"])
    assert states(customer) == ["retry_wait", "queued", "queued", "delivered"]
    for _ in range(9):
        assert got(customer).count("evt_2") == 0
        customer.make_due()
        customer.deliver(first["id"])

    assert states(customer)[:3] == ["exhausted", "pending", "queued"]
    deliver_all(customer)
    assert got(customer) == ["evt_4", *["evt_1"] * 10, "evt_2", "evt_3"]


def of_event(id: str, behaviour: receiver.Behaviour) -> receiver.Behaviour:
    """Do this for one event, and answer 200 for all others."""

    def behave(handler: receiver.Handler) -> None:
        (behaviour if handler.headers["webhook-id"] == id else receiver.answering(200))(handler)

    return behave


# claim; endpoint, secret, event; slot; POST; slot, attempt; lane, place, delivery; the transaction.
CALLS = 9


@pytest.mark.parametrize("call", range(1, CALLS + 1))
def test_after_a_death_nothing_overtakes_and_nothing_stands_still(
    customer: Customer, endpoint: Json, call: int
) -> None:
    first = customer.rows()[0]

    with pytest.raises(ProcessDied), death_after_call(call):
        customer.deliver(first["id"], LEASE_SECONDS="-1")
    deliver_all(customer)

    once = list(dict.fromkeys(got(customer)))
    assert once == ["evt_1", "evt_2", "evt_3"]
    assert sorted(got(customer)) == got(customer)
    assert len(got(customer)) <= 4


def test_who_enters_while_the_last_one_leaves_is_woken(customer: Customer) -> None:
    customer.create(ordered=True)
    publish(customer, 1)
    entered: list[int] = []

    def enter(**_: Any) -> None:
        if not entered:
            entered.append(2)
            publish(customer, 2)

    with hooked("before-call.dynamodb.TransactWriteItems", enter):
        customer.deliver(customer.row()["id"])

    assert states(customer) == ["delivered", "pending"]


def test_what_has_expired_is_passed_over(customer: Customer, endpoint: Json) -> None:
    second = customer.rows()[1]
    table = customer.cloud.name("DeliveriesTable")
    store.delete(table, deliveries.key(second["id"]), when="attribute_exists(#id)")

    deliver_all(customer)

    assert got(customer) == ["evt_1", "evt_3"]


def test_what_waited_long_outlives_its_attempts(customer: Customer, endpoint: Json) -> None:
    for each in customer.rows():
        for key in (deliveries.key(each["id"]), event_rows.key_of(each)):
            customer.change(key, expires_epoch=1)

    customer.deliver(customer.rows()[0]["id"])

    assert [each["expires_epoch"] > 1 for each in customer.rows()] == [False, True, False]
    table = customer.cloud.name("DeliveriesTable")
    events = [store.get(table, event_rows.key_of(each)) or {} for each in customer.rows()]
    assert [each["expires_epoch"] > 1 for each in events] == [False, True, False]


def test_once_disabled_all_that_wait_are_skipped_and_replayed_in_order(
    customer: Customer, endpoint: Json
) -> None:
    customer.patch(endpoint["id"], status="disabled")
    deliver_all(customer)
    publish(customer, 4)
    assert states(customer) == ["skipped"] * 4
    customer.patch(endpoint["id"], status="active")
    publish(customer, 5)

    replay(customer, endpoint)
    replayed = [each for each in customer.rows() if each["event_id"] != "evt_5"]
    assert [(each["status"], each["place"]) for each in replayed] == [
        ("queued", 5),
        ("queued", 6),
        ("queued", 7),
        ("queued", 8),
    ]
    deliver_all(customer)

    assert got(customer) == ["evt_5", "evt_1", "evt_2", "evt_3", "evt_4"]


def replay(customer: Customer, endpoint: Json) -> None:
    """Replay everything in one step, which comes twice."""
    since = {"since": "2020-01-01T00:00:00Z"}
    job = body_of(customer.call("ReplayEndpointFunction", since, id=endpoint["id"]))
    for _ in range(2):
        customer.cloud.invoke("RunEndpointReplayFunction", queue({"id": job["id"]}))
    found = body_of(
        customer.call(
            "GetEndpointReplayFunction", method="GET", id=endpoint["id"], job_id=job["id"]
        )
    )
    assert found["progress"]["replayed"] == 4


def test_a_replay_that_dies_gives_nobody_two_places(customer: Customer, endpoint: Json) -> None:
    deliver_all(customer)
    asked = {"since": "2020-01-01T00:00:00Z", "statuses": ["delivered"]}
    job = body_of(customer.call("ReplayEndpointFunction", asked, id=endpoint["id"]))

    for call in range(1, 13):  # the job, the page; thrice a lane, its transaction, event; the job
        with pytest.raises(ProcessDied), death_after_call(call):
            customer.cloud.invoke("RunEndpointReplayFunction", queue({"id": job["id"]}))
    deliver_all(customer)

    assert got(customer) == ["evt_1", "evt_2", "evt_3"] * 2
    assert [each["place"] for each in customer.rows()] == [4, 5, 6]


def test_a_retry_by_hand_moves_no_lane(customer: Customer, endpoint: Json) -> None:
    first, second, third = customer.rows()
    customer.deliver(first["id"])
    answer = customer.call("RetryDeliveryFunction", id=third["id"])
    assert refusal(answer) == (409, "delivery_not_at_rest")

    assert customer.call("RetryDeliveryFunction", id=first["id"])["statusCode"] == 202
    customer.deliver(first["id"])

    assert got(customer) == ["evt_1", "evt_1"]
    assert states(customer) == ["delivered", "pending", "queued"]
    customer.deliver(second["id"])
    assert states(customer) == ["delivered", "delivered", "pending"]


def test_a_retry_by_hand_of_the_head_moves_its_lane_on(customer: Customer, endpoint: Json) -> None:
    customer.server.behaviours["/hook"] = receiver.in_turn(
        receiver.answering(500), receiver.answering(500), receiver.answering(200)
    )
    head = customer.rows()[0]["id"]
    customer.deliver(head)
    for expected in (["retry_wait", "queued", "queued"], ["delivered", "pending", "queued"]):
        customer.call("RetryDeliveryFunction", id=head)
        customer.deliver(head)
        assert states(customer) == expected


def test_order_switched_off_holds_for_what_waits_already(
    customer: Customer, endpoint: Json
) -> None:
    assert customer.patch(endpoint["id"], ordered=False)["statusCode"] == 200
    assert customer.endpoint(endpoint["id"])["ordered"] is False
    publish(customer, 4)

    assert states(customer) == ["pending", "queued", "queued", "pending"]
    deliver_all(customer)
    assert [each for each in got(customer) if each != "evt_4"] == ["evt_1", "evt_2", "evt_3"]


def test_order_switched_on_holds_from_then_on(customer: Customer) -> None:
    endpoint = customer.create()
    publish(customer, 1)
    customer.patch(endpoint["id"], ordered=True)
    publish(customer, 2, 3)

    assert states(customer) == ["pending", "pending", "queued"]


def test_a_deleted_endpoint_leaves_nothing(customer: Customer, endpoint: Json) -> None:
    delete(customer, endpoint)

    erasure = queue({"endpoint_id": endpoint["id"], "correlation_id": "order-7"})
    assert customer.cloud.invoke("EraseEndpointDeliveriesFunction", erasure) == {
        "batchItemFailures": []
    }

    left = {each["part"]["S"] for each in customer.cloud.rows("DeliveriesTable")}
    assert left == {"event", "catalogue"}


# claim; endpoint, secret, event; lane, place, delivery; the transaction; what is erased, twice.
@pytest.mark.parametrize("call", range(1, 9))
def test_what_enters_a_lane_after_the_erasure_goes_one_by_one(
    customer: Customer, endpoint: Json, call: int
) -> None:
    delete(customer, endpoint)
    first = customer.rows()[0]["id"]

    with pytest.raises(ProcessDied), death_after_call(call):
        customer.deliver(first, LEASE_SECONDS="-1")
    deliver_all(customer)

    assert customer.rows() == []
    assert got(customer) == []


def delete(customer: Customer, endpoint: Json) -> None:
    headers = {"If-Match": "*"}
    answer = customer.call(
        "DeleteEndpointFunction", method="DELETE", headers=headers, id=endpoint["id"]
    )
    assert answer["statusCode"] == 204


def test_an_erased_event_does_not_stop_its_lane(customer: Customer, endpoint: Json) -> None:
    table = customer.cloud.name("DeliveriesTable")
    store.delete(table, {"id": "evt_1", "part": "event"}, when="attribute_exists(#id)")

    deliver_all(customer)

    assert states(customer) == ["skipped", "delivered", "delivered"]


def test_lanes_are_no_deliveries(customer: Customer, endpoint: Json) -> None:
    event = customer.call("ListDeliveriesFunction", method="GET")

    assert {each["id"] for each in json.loads(event["body"])["items"]} == {
        each["id"] for each in customer.rows()
    }
    assert aws.dynamodb().scan(TableName=customer.cloud.name("DeliveriesTable"))["Count"] > 6
