"""Health: what attempts that are under way together say of their endpoint, and its rate limit."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from interchange import clock
from tests import receiver
from tests.customers import Customer, seconds_until
from tests.faults import hooked
from webhook.delivering import health, retries

SLOW_DOWN = receiver.answering(429, {"Retry-After": "7200"})
WELL, FAILING = receiver.answering(200), receiver.answering(500)


def accept(customer: Customer, *event_ids: str) -> list[str]:
    """Have deliveries accepted, of one event each; give their ids in this order."""
    for each in event_ids:
        customer.publish(id=each)
    ids = {row["event_id"]: row["id"] for row in customer.rows()}
    return [ids[each] for each in event_ids]


def behave(customer: Customer, **behaviours: receiver.Behaviour) -> None:
    """Answer each event in its own way."""
    customer.server.behaviours["/hook"] = lambda handler: behaviours[handler.headers["webhook-id"]](
        handler
    )


def meanwhile(customer: Customer, delivery: str) -> receiver.Behaviour:
    """Take an event, but have another attempt begin and end before that is said."""

    def behaviour(handler: receiver.Handler) -> None:
        customer.deliver(delivery)
        WELL(handler)

    return behaviour


@contextmanager
def later(**gap: float) -> Iterator[None]:
    """Let the block happen after a while."""
    now = clock.now
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: now() + timedelta(**gap))
        yield


def status(customer: Customer, endpoint_id: str) -> str:
    """Read an endpoint's state."""
    return str(customer.endpoint(endpoint_id)["status"])


def test_a_success_that_began_earlier_ends_no_slow_down(customer: Customer) -> None:
    customer.create()
    first, older, asks, next_one = accept(customer, "first", "older", "asks", "next")
    behave(customer, first=FAILING, older=meanwhile(customer, asks), asks=SLOW_DOWN, next=WELL)

    for each in (first, older, next_one):
        customer.deliver(each)

    states = {row["id"]: (row["status"], row["attempts"]) for row in customer.rows()}
    assert states[older] == ("delivered", 1)
    assert states[next_one] == ("pending", 0)
    assert len(customer.server.received) == 3


def test_a_success_that_began_while_all_was_well_ends_a_failures_five_days(
    customer: Customer,
) -> None:
    endpoint = customer.create()
    older, fails, last = accept(customer, "older", "fails", "last")
    behave(customer, older=meanwhile(customer, fails), fails=FAILING, last=FAILING)

    customer.deliver(older)
    with later(seconds=retries.PATIENCE.total_seconds() + 60):
        customer.deliver(last)

    assert status(customer, endpoint["id"]) == "active"


def test_a_failure_that_is_told_after_a_later_success_begins_no_five_days(
    customer: Customer,
) -> None:
    endpoint = customer.create()
    fails, succeeds, last = accept(customer, "fails", "succeeds", "last")
    behave(customer, fails=FAILING, succeeds=WELL, last=FAILING)
    left = [succeeds]

    def overtake(**_: Any) -> None:
        """Succeed between the failure's attempt and what follows from it."""
        if left:
            with later(seconds=1):
                customer.deliver(left.pop())

    with hooked("after-call.dynamodb.PutItem", overtake):
        customer.deliver(fails)
    with later(seconds=retries.PATIENCE.total_seconds() + 60):
        customer.deliver(last)

    assert status(customer, endpoint["id"]) == "active"


def test_five_days_begin_anew_after_each_success(customer: Customer) -> None:
    endpoint = customer.create()
    ids = accept(customer, "early", "well", "second", "third", "fourth")
    early, well, second, third, fourth = ids
    behave(customer, early=FAILING, well=WELL, second=FAILING, third=FAILING, fourth=FAILING)

    customer.deliver(early)
    with later(days=4):
        customer.deliver(well)
        customer.deliver(second)
    with later(days=8):
        customer.deliver(third)
        assert status(customer, endpoint["id"]) == "active"
    with later(days=9, minutes=1):
        customer.deliver(fourth)
        assert status(customer, endpoint["id"]) == "disabled"


def test_a_row_of_yesterday_has_no_success_and_its_five_days_go_on(customer: Customer) -> None:
    endpoint = customer.create()
    first, second = accept(customer, "first", "second")
    behave(customer, first=FAILING, second=FAILING)
    customer.deliver(first)
    since = clock.rfc3339(clock.now() - timedelta(days=5))
    customer.change({"id": endpoint["id"], "part": "health"}, failing_since=since)

    customer.deliver(second)

    assert status(customer, endpoint["id"]) == "disabled"


def test_a_retry_by_hand_that_succeeds_ends_no_five_days(customer: Customer) -> None:
    endpoint = customer.create()
    first, second = accept(customer, "first", "second")
    behave(customer, first=FAILING, second=FAILING)
    customer.deliver(first)
    behave(customer, first=WELL, second=FAILING)
    with later(days=1):
        assert customer.call("RetryDeliveryFunction", id=first)["statusCode"] == 202
        customer.deliver(first)
    with later(days=5, minutes=1):
        customer.deliver(second)

    assert status(customer, endpoint["id"]) == "disabled"


@pytest.mark.parametrize("rate", [1, 7, 300, 600, 999, 1000])
def test_no_more_slots_are_given_in_a_second_than_the_rate_limit_says(
    customer: Customer, rate: int
) -> None:
    table, now = customer.cloud.name("DeliveriesTable"), clock.now()

    slots = [health.slot(table, "ep_1", per_second=rate, now=now) for _ in range(11)]

    lasting = (slots[-1] - slots[0]).total_seconds()
    assert 10 / rate <= lasting < 10.02 / rate


def test_a_backlogs_slots_that_an_outage_outlasted_are_given_anew_once(customer: Customer) -> None:
    customer.create(rate_limit=1)
    ids = accept(customer, *(f"evt_{number}" for number in range(4)))
    customer.deliver(*ids)
    assert len(customer.server.received) == 1

    with later(hours=1):
        customer.deliver(*ids)
    assert len(customer.server.received) == 2
    waiting = [row for row in customer.rows() if row["status"] == "pending"]
    assert [row["attempts"] for row in waiting] == [0, 0]
    gaps = sorted(seconds_until(row["due_at"]) - 3600 for row in waiting)
    assert 0 < gaps[0] <= 1 < gaps[1] <= 2

    with later(hours=2):  # who is always late is not sent away for ever
        customer.deliver(*ids)
    assert len(customer.server.received) == 4


def test_a_slot_that_was_missed_by_little_is_kept(customer: Customer) -> None:
    customer.create(rate_limit=1)
    ids = accept(customer, *(f"evt_{number}" for number in range(3)))
    customer.deliver(*ids)

    with later(seconds=60):
        customer.deliver(*ids)

    assert len(customer.server.received) == 3
