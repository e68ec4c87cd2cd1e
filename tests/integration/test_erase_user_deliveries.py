"""Erasing a person from what waits to be delivered."""

from tests.aws_events import queue
from tests.cloud_events import message
from tests.customers import Customer

LATER = "2026-01-15T10:00:00.000Z"


def test_events_about_the_user_are_erased_and_what_waits_for_them_is_skipped(
    customer: Customer,
) -> None:
    customer.create()
    customer.publish(id="evt_1", subject="usr_1")
    customer.publish(id="evt_2", subject="usr_2")
    customer.publish(id="evt_3", subject="usr_1", time="2026-01-15T11:00:00.000Z")
    customer.publish(id="evt_4", subject="usr_1", type="user.deleted", time=LATER)

    deleted = message(id="evt_4", subject="usr_1", type="user.deleted", time=LATER)
    for _ in range(2):
        answer = customer.cloud.invoke("EraseUserDeliveriesFunction", queue(deleted))
        assert answer == {"batchItemFailures": []}
    customer.deliver()

    states = {each["event_id"]: each["status"] for each in customer.rows()}
    assert states == {
        "evt_1": "skipped",
        "evt_2": "delivered",
        "evt_3": "delivered",
        "evt_4": "delivered",
    }
