"""One event, many endpoints: a delivery each, once."""

import pytest

from interchange import clock, store
from tests.aws_events import queue
from tests.cloud_events import event, message
from tests.customers import Customer
from tests.faults import ProcessDied, calls_counted, conflicting, death_after_call
from webhook.delivering import deliveries, endpoint_rows, endpoints
from webhook.delivering.endpoint_fields import NewEndpoint

MANY = 120  # two transactions


def put_endpoints(customer: Customer, many: int) -> None:
    for number in range(many):
        new = NewEndpoint(url="https://192.0.2.1/")
        row, _ = endpoint_rows.new(new, id=f"ep_{number}", now=clock.now(), trace=event().trace)
        store.put_new(customer.cloud.name("EndpointsTable"), row)


def test_who_wants_it_gets_it_and_nobody_else(customer: Customer) -> None:
    wanting = customer.create(types=["user.registered"], topics=["user-events"])
    customer.create(types=["user.deleted"])
    customer.create(filters=[{"prefix": {"type": "order."}}])
    also = customer.create(data_equals={"/name": "Zoë"})

    customer.publish()

    assert {each["endpoint_id"] for each in customer.rows()} == {wanting["id"], also["id"]}
    assert {each["status"] for each in customer.rows()} == {"pending"}


def test_an_event_that_nobody_wants_leaves_nothing(customer: Customer) -> None:
    before = len(customer.cloud.rows("DeliveriesTable"))

    customer.publish()

    assert len(customer.cloud.rows("DeliveriesTable")) == before


def test_a_duplicate_makes_no_second_delivery_and_a_replay_does(customer: Customer) -> None:
    customer.create()

    for _ in range(3):
        customer.publish()
    assert len(customer.rows()) == 1
    for _ in range(2):
        customer.publish(replay="rpl_1")

    rows = customer.rows()
    assert len(rows) == 2
    assert {each["event_id"] for each in rows} == {"evt_1"}


def test_a_publishers_own_id_is_not_ours(customer: Customer) -> None:
    """Two publishers may use the same id, and one with dots no signature could carry."""
    customer.create()

    customer.publish(id="a.b", record_id="evt_1")
    customer.publish(id="a.b", source="/other", record_id="evt_2")

    assert {each["event_id"] for each in customer.rows()} == {"evt_1", "evt_2"}


def test_an_endpoint_made_a_moment_ago_gets_what_is_published_now(customer: Customer) -> None:
    customer.publish(id="evt_1")
    customer.create()
    customer.publish(id="evt_2")
    created = customer.create()
    customer.publish(id="evt_3")
    customer.patch(created["id"], types=["other"])
    customer.publish(id="evt_4")

    found = [each["event_id"] for each in customer.rows()]
    assert sorted(found) == ["evt_2", "evt_3", "evt_3", "evt_4"]


def test_what_a_disabled_endpoint_misses_is_kept(customer: Customer) -> None:
    created = customer.create()
    customer.patch(created["id"], status="disabled")

    customer.publish()

    row = customer.row()
    assert (row["status"], row["reason"]) == ("skipped", "endpoint_disabled")
    assert customer.dispatch() == []


def test_hundreds_of_endpoints_take_a_few_calls_and_nobody_waits_behind_them(
    customer: Customer,
) -> None:
    """A worker of five writes the rows; each delivery is a message in a group of its endpoint's."""
    put_endpoints(customer, MANY)

    with calls_counted() as calls:
        customer.publish()

    assert len(customer.rows()) == MANY
    assert len(calls) <= 4
    customer.cloud.carry("DispatchDeliveriesFunction", "DeliveriesTable")
    sent = customer.cloud.messages("DeliveriesQueue")
    assert len({each["Attributes"]["MessageGroupId"] for each in sent}) == len(sent) == MANY


def test_a_death_after_any_call_is_made_good_by_the_next_delivery(
    customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "_A_TRANSACTION", 3)
    put_endpoints(customer, 7)
    with calls_counted() as calls:
        customer.publish(id="evt_0")
    many = len(calls)

    for call in range(1, many + 1):
        endpoints._listed.clear()
        id = f"evt_{call}"
        with pytest.raises(ProcessDied), death_after_call(call):
            customer.publish(id=id)
        customer.publish(id=id)
        rows = [each for each in customer.rows() if each["event_id"] == id]
        assert len(rows) == 7


def test_where_some_rows_are_there_the_others_are_written(customer: Customer) -> None:
    put_endpoints(customer, 30)
    customer.publish()
    for each in customer.rows()[:7]:
        key = deliveries.key(each["id"])
        store.delete(customer.cloud.name("DeliveriesTable"), key, when="attribute_exists(#id)")

    customer.publish()

    assert len(customer.rows()) == 30


def test_where_others_are_at_the_rows_the_event_comes_back(customer: Customer) -> None:
    put_endpoints(customer, 2)

    with conflicting("TransactionConflict", "None"):
        answer = customer.cloud.invoke("FanOutEventFunction", queue(message()))

    assert answer["batchItemFailures"]
    customer.publish()
    assert len(customer.rows()) == 2
