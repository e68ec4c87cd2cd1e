"""An event with a key: its deliveries enter their lanes in the order of publication, once."""

from collections import Counter

import pytest

from tests.architecture import Json
from tests.aws_events import queue
from tests.cloud_events import message
from tests.customers import Customer
from tests.faults import ProcessDied, calls_counted, conflicting, death_after_call
from webhook.delivering import lanes


def states(customer: Customer) -> list[tuple[str, str]]:
    """Give events with the states of their deliveries, the oldest first."""
    return [(each["event_id"], each["status"]) for each in customer.rows()]


def fan_out(customer: Customer, **given: object) -> Json:
    """Hand the ordered subscriber an event."""
    event = message(key="k", **given)
    answer: Json = customer.cloud.invoke("FanOutOrderedEventFunction", queue(event))
    return answer


def test_of_one_key_the_first_is_due_and_the_others_wait_behind_it(customer: Customer) -> None:
    customer.create(ordered=True)

    for id, key in (("evt_1", "a"), ("evt_2", "a"), ("evt_3", "b"), ("evt_4", "a")):
        customer.publish(id=id, key=key)
    customer.publish(id="evt_5")
    customer.publish(id="evt_6", key="a", topic="others")

    assert states(customer) == [
        ("evt_1", "pending"),
        ("evt_2", "queued"),
        ("evt_3", "pending"),
        ("evt_4", "queued"),
        ("evt_5", "pending"),
        ("evt_6", "pending"),
    ]
    assert len(customer.dispatch()) == 4


def test_who_wants_no_order_gets_everything_at_once(customer: Customer) -> None:
    customer.create()

    for id in ("evt_1", "evt_2"):
        customer.publish(id=id, key="a")

    assert states(customer) == [("evt_1", "pending"), ("evt_2", "pending")]


def test_the_copy_of_the_standard_topic_makes_nothing(customer: Customer) -> None:
    """Which of the two comes first is chance, and order must not be."""
    customer.create()
    customer.create(ordered=True)

    customer.cloud.invoke("FanOutEventFunction", queue(message(key="a")))

    assert customer.rows() == []


def test_a_duplicate_takes_no_second_place_and_a_replay_goes_to_the_end(customer: Customer) -> None:
    customer.create(ordered=True)

    for given in ({"id": "evt_1"}, {"id": "evt_2"}, {"id": "evt_1"}, {"id": "evt_2"}):
        fan_out(customer, **given)
    fan_out(customer, id="evt_1", replay="rpl_1")

    assert [(each["event_id"], each["place"]) for each in customer.rows()] == [
        ("evt_1", 1),
        ("evt_2", 2),
        ("evt_1", 3),
    ]


def test_what_a_disabled_endpoint_misses_has_no_place(customer: Customer) -> None:
    endpoint = customer.create(ordered=True)
    customer.patch(endpoint["id"], status="disabled")
    fan_out(customer, id="evt_1")
    customer.patch(endpoint["id"], status="active")
    fan_out(customer, id="evt_2")

    assert [(each["status"], each["place"]) for each in customer.rows()] == [
        ("skipped", 0),
        ("pending", 1),
    ]


def test_a_death_after_any_call_is_made_good_by_the_next_delivery(
    customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "_A_TRANSACTION", 2)
    for number in range(3):
        customer.create(f"/{number}", ordered=True)
    with calls_counted() as calls:
        fan_out(customer, id="evt_0")

    for call in range(1, len(calls) + 1):
        try:
            with death_after_call(call):
                fan_out(customer, id=f"evt_{call}")
        except ProcessDied:
            pass
        assert fan_out(customer, id=f"evt_{call}") == {"batchItemFailures": []}

    places = Counter(each["place"] for each in customer.rows())
    assert places == dict.fromkeys(range(1, len(calls) + 2), 3)


def test_where_others_are_at_the_lane_the_event_comes_back(
    customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "_TRIES", 1)
    customer.create(ordered=True)

    with conflicting("None", "TransactionConflict"):
        assert fan_out(customer)["batchItemFailures"]

    fan_out(customer)
    assert [each["place"] for each in customer.rows()] == [1]
