"""From the deliveries table's stream to the queue, at the time that each is due."""

import json
from datetime import timedelta

import pytest

from interchange import aws, clock
from tests.customers import Customer, scheduled
from tests.faults import refusing
from webhook.delivering import deliveries


def put_off(customer: Customer, status: str, **wait: float) -> str:
    """Let the only delivery wait; give its id."""
    customer.create()
    customer.publish()
    row = customer.row()
    due = clock.rfc3339(clock.now() + timedelta(**wait))
    customer.change(deliveries.key(row["id"]), status=status, due_at=due)
    found: str = row["id"]
    return found


def test_what_is_due_is_sent_at_once(customer: Customer) -> None:
    customer.create()
    customer.publish()

    (body,) = customer.dispatch()

    assert json.loads(body)["id"] == customer.row()["id"]


def test_what_is_due_soon_is_held_back_by_its_queue(customer: Customer) -> None:
    put_off(customer, "retry_wait", minutes=5)

    assert customer.dispatch() == []
    assert customer.cloud.waiting("DeliveriesQueue") == 1


def test_what_is_due_in_hours_is_scheduled_once(customer: Customer) -> None:
    before = len(scheduled())
    id = put_off(customer, "retry_wait", hours=10)

    for _ in range(2):
        assert customer.dispatch() == []

    assert customer.cloud.waiting("DeliveriesQueue") == 0
    assert len(scheduled()) == before + 1
    details = [
        aws.scheduler().get_schedule(GroupName=each["GroupName"], Name=each["Name"])
        for each in scheduled()
    ]
    (ours,) = (each for each in details if id in each["Target"]["Input"])
    assert ours["Target"]["Arn"].endswith("DeliveriesQueue")
    assert ours["ActionAfterCompletion"] == "DELETE"


@pytest.mark.parametrize("status", ["running", "delivered", "exhausted", "skipped"])
def test_what_is_not_due_is_not_sent(customer: Customer, status: str) -> None:
    put_off(customer, status, minutes=-1)

    assert customer.dispatch() == []


def test_what_sqs_does_not_take_brings_the_batch_back(customer: Customer) -> None:
    customer.create()
    customer.publish()

    with (
        refusing("sqs", "SendMessageBatch", "InternalError", 500),
        pytest.raises(aws.sqs().exceptions.ClientError),
    ):
        customer.dispatch()
    assert len(customer.dispatch()) == 1
