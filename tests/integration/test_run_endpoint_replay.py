"""Replaying what an endpoint has missed, step by step."""

import json
from datetime import timedelta

import pytest

from interchange import clock, store
from tests.answers import body_of, refusal
from tests.architecture import Json
from tests.aws_events import queue
from tests.customers import Customer
from tests.faults import ProcessDied, death_after_call
from webhook import run_endpoint_replay
from webhook.delivering import deliveries, event_rows, kept_events

SINCE = {"since": "2020-01-01T00:00:00Z"}


@pytest.fixture
def endpoint(customer: Customer, monkeypatch: pytest.MonkeyPatch) -> Json:
    """An endpoint that has missed five of seven events, at two a step."""
    monkeypatch.setattr(run_endpoint_replay, "_A_STEP", 2)
    found = customer.create()
    for number in range(7):
        customer.publish(id=f"evt_{number}")
    states = ["skipped", "delivered", "exhausted", "skipped", "retry_wait", "skipped", "exhausted"]
    for row, status in zip(customer.rows(), states, strict=True):
        customer.change(deliveries.key(row["id"]), status=status, ended_at="then", manual=True)
    return found


def start(customer: Customer, endpoint: Json, **fields: object) -> Json:
    answer = customer.call("ReplayEndpointFunction", SINCE | fields, id=endpoint["id"])
    assert answer["statusCode"] == 202, answer["body"]
    found: Json = body_of(answer)
    return found


def step(customer: Customer, job: Json) -> None:
    answer = customer.cloud.invoke("RunEndpointReplayFunction", queue({"id": job["id"]}))
    assert answer == {"batchItemFailures": []}


def job_of(customer: Customer, endpoint: Json, job: Json) -> Json:
    answer = customer.call(
        "GetEndpointReplayFunction", method="GET", id=endpoint["id"], job_id=job["id"]
    )
    found: Json = body_of(answer)
    return found


def finish(customer: Customer, endpoint: Json, job: Json) -> Json:
    for _ in range(20):
        customer.cloud.carry("DispatchDeliveriesFunction", "DeliveriesTable")
        for message in customer.cloud.messages("EndpointReplaysQueue"):
            step(customer, json.loads(message["Body"]))
        found = job_of(customer, endpoint, job)
        if found["status"] == "completed":
            return found
    raise AssertionError("the replay does not end")


def test_what_was_missed_is_due_again_with_a_whole_table_of_attempts(
    customer: Customer, endpoint: Json
) -> None:
    job = start(customer, endpoint)

    ended = finish(customer, endpoint, job)

    assert ended["progress"] == {"seen": 7, "replayed": 5}
    again = [each for each in customer.rows() if each.get("replayed_by") == job["id"]]
    assert len(again) == 5
    for each in again:
        assert (each["status"], each["failures"], each["manual"]) == ("pending", 0, None)
        assert "ended_at" not in each
    due = {json.loads(each)["id"] for each in customer.dispatch()}
    assert len(due) == 6  # the one that was waiting anyway among them


def test_what_is_replayed_late_has_its_event_for_as_long(
    customer: Customer, endpoint: Json
) -> None:
    soon = int((clock.now() + timedelta(hours=1)).timestamp())
    gone, *rows = customer.rows()
    for each in rows:
        customer.change(deliveries.key(each["id"]), expires_epoch=soon)
        customer.change(event_rows.key_of(each), expires_epoch=soon)
    table = customer.cloud.name("DeliveriesTable")
    customer.change(deliveries.key(gone["id"]), expires_epoch=soon)
    kept_events.forget(table, gone["kept_as"])

    job = start(customer, endpoint)
    assert finish(customer, endpoint, job)["progress"]["replayed"] == 5

    for each in customer.rows():
        event = store.get(table, event_rows.key_of(each))
        if each["id"] == gone["id"]:
            assert event is None
        else:
            assert event is not None
            assert event["expires_epoch"] == each["expires_epoch"]
            assert (each["expires_epoch"] > soon) == (each.get("replayed_by") == job["id"])


def test_a_step_that_dies_before_a_late_delivery_is_due_leaves_its_event_for_the_next(
    customer: Customer, endpoint: Json
) -> None:
    for each in customer.rows():
        for key in (deliveries.key(each["id"]), event_rows.key_of(each)):
            customer.change(key, expires_epoch=1)
    job = start(customer, endpoint)

    for call in range(1, CALLS + 1):
        with pytest.raises(ProcessDied), death_after_call(call):
            step(customer, job)

    assert finish(customer, endpoint, job)["progress"] == {"seen": 7, "replayed": 5}
    table = customer.cloud.name("DeliveriesTable")
    for each in customer.rows():
        event = store.get(table, event_rows.key_of(each))
        assert event is not None
        assert event["expires_epoch"] >= each["expires_epoch"]


def test_states_and_time_narrow_it_down(customer: Customer, endpoint: Json) -> None:
    job = start(customer, endpoint, statuses=["delivered"])
    assert finish(customer, endpoint, job)["progress"] == {"seen": 7, "replayed": 1}

    later = clock.rfc3339(clock.now() + timedelta(hours=1))
    job = start(customer, endpoint, since=later)
    assert finish(customer, endpoint, job)["progress"] == {"seen": 0, "replayed": 0}


# What the first step calls: the job, the page, a delivery and its event, another, the job again.
CALLS = 6


@pytest.mark.parametrize("call", range(1, CALLS + 1))
def test_a_step_that_dies_or_comes_twice_counts_each_delivery_once(
    customer: Customer, endpoint: Json, call: int
) -> None:
    job = start(customer, endpoint)

    with pytest.raises(ProcessDied), death_after_call(call):
        step(customer, job)
    step(customer, job)

    assert finish(customer, endpoint, job)["progress"] == {"seen": 7, "replayed": 5}


def test_a_disabled_endpoint_is_not_replayed_to(customer: Customer, endpoint: Json) -> None:
    customer.patch(endpoint["id"], status="disabled")

    answer = customer.call("ReplayEndpointFunction", SINCE, id=endpoint["id"])

    assert refusal(answer) == (409, "endpoint_disabled")


def test_rubbish_is_refused(customer: Customer, endpoint: Json) -> None:
    def refused(body: Json, id: str = endpoint["id"]) -> tuple[int, str]:
        return refusal(customer.call("ReplayEndpointFunction", body, id=id))

    assert refused({"since": "yesterday"}) == (400, "bad_time")
    assert refused(SINCE | {"statuses": ["running"]}) == (422, "validation_failed")
    assert refused({}) == (422, "validation_failed")
    assert refused(SINCE, "ep_unknown") == (404, "endpoint_not_found")


def test_another_endpoint_does_not_show_the_job(customer: Customer, endpoint: Json) -> None:
    job = start(customer, endpoint)

    answer = customer.call(
        "GetEndpointReplayFunction", method="GET", id="ep_other", job_id=job["id"]
    )

    assert refusal(answer) == (404, "replay_not_found")


def test_the_same_request_twice_is_one_job(customer: Customer, endpoint: Json) -> None:
    headers = {"Idempotency-Key": "key-1"}

    answers = [
        customer.call("ReplayEndpointFunction", SINCE, headers=headers, id=endpoint["id"])
        for _ in range(2)
    ]

    assert body_of(answers[0]) == body_of(answers[1])
