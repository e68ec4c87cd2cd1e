"""Flights: of one endpoint so many attempts at once, whoever hangs, dies or is spared."""

from typing import Any

import pytest

from tests import receiver
from tests.customers import Customer, seconds_until
from tests.faults import ProcessDied
from webhook.delivering import attempts

AT_ONCE = 3


def publish(customer: Customer, many: int) -> list[str]:
    for number in range(many):
        customer.publish(id=f"evt_{number}")
    return [each["id"] for each in customer.rows()]


def test_while_as_many_as_may_are_under_way_the_next_waits_and_loses_no_attempt(
    customer: Customer,
) -> None:
    customer.create()
    *left, last = publish(customer, AT_ONCE + 1)

    def slow(handler: receiver.Handler) -> None:
        """Let the other workers work while this attempt is under way."""
        customer.deliver(left.pop() if left else last)
        receiver.answering(200)(handler)

    customer.server.behaviours["/hook"] = slow
    customer.deliver(left.pop())

    rows = {each["id"]: each for each in customer.rows()}
    assert [each["status"] for id, each in rows.items() if id != last] == ["delivered"] * AT_ONCE
    assert (rows[last]["status"], rows[last]["attempts"], rows[last]["waits"]) == ("pending", 0, 1)
    assert len(customer.server.received) == AT_ONCE
    customer.server.behaviours["/hook"] = receiver.answering(200)
    customer.make_due()
    customer.deliver(last)
    assert len(customer.server.received) == AT_ONCE + 1


def die_in_flight(customer: Customer, ids: list[str], *, lease: str) -> None:
    """Have workers die between their slot and the POST."""

    def die(*_: Any, **__: Any) -> None:
        raise ProcessDied("in flight")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(attempts, "make", die)
        for id in ids:
            with pytest.raises(ProcessDied):
                customer.deliver(id, LEASE_SECONDS=lease)


def test_others_go_on_while_an_endpoints_slots_are_held(customer: Customer) -> None:
    customer.create(types=["a"])
    ids = [publish_of(customer, "a", number) for number in range(4)]
    die_in_flight(customer, ids[:AT_ONCE], lease="60")
    customer.create(types=["b"])
    other = publish_of(customer, "b", 9)

    customer.deliver(ids[AT_ONCE], other)

    states = {each["id"]: each["status"] for each in customer.rows()}
    assert (states[ids[AT_ONCE]], states[other]) == ("pending", "delivered")


def publish_of(customer: Customer, type: str, number: int) -> str:
    customer.publish(id=f"evt_{number}", type=type)
    (found,) = (each["id"] for each in customer.rows() if each["event_id"] == f"evt_{number}")
    return str(found)


def test_the_dead_give_their_slots_back_when_their_leases_end(customer: Customer) -> None:
    customer.create()
    ids = publish(customer, AT_ONCE + 1)
    die_in_flight(customer, ids[:AT_ONCE], lease="-1")

    customer.deliver(*ids)

    assert {each["status"] for each in customer.rows()} == {"delivered"}


def test_who_finds_no_slot_waits_longer_each_time_up_to_four_timeouts(customer: Customer) -> None:
    customer.create()
    *dead, id = publish(customer, AT_ONCE + 1)
    die_in_flight(customer, dead, lease="60")

    for waits in range(1, 9):
        customer.make_due()
        customer.deliver(id)
        (row,) = (each for each in customer.rows() if each["id"] == id)
        assert (row["waits"], row["attempts"], row["status"]) == (waits, 0, "pending")
        longest = 15 * min(2 ** (waits - 4), 4)
        assert longest / 2 - 3 < seconds_until(row["due_at"]) <= longest


def test_a_retry_by_hand_needs_a_slot_too(customer: Customer) -> None:
    customer.create()
    first, *dead = publish(customer, AT_ONCE + 1)
    customer.deliver(first)
    die_in_flight(customer, dead, lease="60")

    customer.call("RetryDeliveryFunction", id=first)
    customer.deliver(first)

    assert len(customer.server.received) == 1
    (row,) = (each for each in customer.rows() if each["id"] == first)
    assert (row["status"], row["manual"]) == ("pending", True)
