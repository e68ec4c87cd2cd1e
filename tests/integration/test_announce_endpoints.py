"""What the endpoints' stream tells: who was disabled, what a deletion leaves to do."""

import json

import pytest

from interchange import store
from interchange.items import pack, unpack
from tests import receiver
from tests.architecture import Json
from tests.aws_events import queue
from tests.customers import Customer
from tests.faults import ProcessDied, calls_counted, death_after_call
from webhook import erase_endpoint_deliveries


def changed(customer: Customer, new: Json | None, old: Json) -> None:
    record: Json = {
        "eventName": "MODIFY" if new else "REMOVE",
        "dynamodb": {"Keys": pack({"id": old["id"]}), "OldImage": pack(old)},
    }
    if new:
        record["dynamodb"]["NewImage"] = pack(new)
    customer.cloud.invoke("AnnounceEndpointsFunction", {"Records": [record]})


def row(customer: Customer) -> Json:
    (found,) = customer.cloud.rows("EndpointsTable")
    return unpack(found)


def test_who_is_disabled_is_told_of_once_however_often_the_stream_says_so(
    customer: Customer,
) -> None:
    customer.create(metadata={"tenant": "7"})
    before = row(customer)
    customer.server.behaviours["/hook"] = receiver.answering(410)
    customer.publish()
    customer.deliver()
    after = row(customer)

    for _ in range(2):
        changed(customer, after, before)
    changed(customer, after | {"description": "other"}, after)

    told = [json.loads(each["Body"]) for each in customer.cloud.messages("EventLogQueue")]
    assert len({each["id"] for each in told}) == 1
    assert len(told) == 2
    event = told[0]
    assert (event["topic"], event["type"]) == ("webhook-events", "webhook.endpoint.disabled")
    assert event["subject"] == before["id"]
    assert event["data"]["reason"] == "gone"
    assert event["data"]["metadata"] == {"tenant": "7"}
    assert "url" not in event["data"]


def test_an_endpoint_that_is_told_of_its_own_end_ends_no_second_time(customer: Customer) -> None:
    """The operational event is an event like any: a loop would be one that feeds itself."""
    customer.create()
    before = row(customer)
    customer.server.behaviours["/hook"] = receiver.answering(410)
    customer.publish()
    customer.deliver()
    changed(customer, row(customer), before)
    (told,) = customer.cloud.messages("FanOutEventQueue")
    disabled_at = row(customer)["disabled_at"]

    customer.cloud.invoke("FanOutEventFunction", queue(told["Body"]))
    customer.deliver(customer.rows()[-1]["id"])

    assert customer.rows()[-1]["status"] == "skipped"
    assert row(customer)["disabled_at"] == disabled_at
    assert len(customer.server.received) == 1


def deliver_some(customer: Customer, many: int) -> Json:
    customer.create()
    for number in range(many):
        customer.publish(id=f"evt_{number}")
    customer.deliver()
    return row(customer)


def erase(customer: Customer) -> None:
    for _ in range(20):
        bodies = [each["Body"] for each in customer.cloud.messages("EraseEndpointDeliveriesQueue")]
        if not bodies:
            return
        event = queue(*bodies)
        assert customer.cloud.invoke("EraseEndpointDeliveriesFunction", event) == {
            "batchItemFailures": []
        }
    raise AssertionError("the erasure does not end")


def test_a_deletion_erases_deliveries_and_attempts_and_no_others(
    customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erase_endpoint_deliveries, "_A_PORTION", 2)
    doomed = deliver_some(customer, 5)
    customer.create()
    customer.publish(id="evt_9")
    kept = [each["id"] for each in customer.rows() if each["endpoint_id"] != doomed["id"]]
    assert len(customer.attempts()) == 5

    changed(customer, None, doomed)
    erase(customer)

    assert [each["id"] for each in customer.rows()] == kept
    assert customer.attempts() == []


def test_an_erasure_that_dies_anywhere_is_finished_by_its_next_try(customer: Customer) -> None:
    doomed = deliver_some(customer, 2)
    event = queue({"endpoint_id": doomed["id"]})
    before = customer.cloud.rows("DeliveriesTable")
    with calls_counted() as calls:
        customer.cloud.invoke("EraseEndpointDeliveriesFunction", event)

    for call in range(1, len(calls) + 1):
        for each in before:
            store.put(
                customer.cloud.name("DeliveriesTable"),
                unpack(each),
                when="attribute_exists(#id) OR attribute_not_exists(#id)",
            )
        with pytest.raises(ProcessDied), death_after_call(call):
            customer.cloud.invoke("EraseEndpointDeliveriesFunction", event)
        customer.cloud.invoke("EraseEndpointDeliveriesFunction", event)
        assert customer.rows() == []
        assert customer.attempts() == []
