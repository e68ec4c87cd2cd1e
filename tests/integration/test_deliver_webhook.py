"""Delivering an event: every way that an attempt can end, and a process can die."""

import json
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest
import standardwebhooks
import svix

from interchange import aws, clock, store
from tests import receiver
from tests.answers import body_of
from tests.architecture import Json
from tests.aws_events import queue
from tests.cloud_events import event
from tests.customers import Customer, seconds_until
from tests.faults import ProcessDied, death_after_call, hooked, refusing
from webhook.delivering import deliveries, endpoints, retries

SECONDS_5, MINUTES_5 = 5, 300


def behave(customer: Customer, *behaviours: receiver.Behaviour) -> None:
    customer.server.behaviours["/hook"] = receiver.in_turn(*behaviours)


def test_an_event_arrives_signed_as_both_official_packages_verify(customer: Customer) -> None:
    endpoint = customer.create(headers={"Authorization": "Bearer x", "X-Tenant": "7"})
    customer.publish(data={"name": "Zoë"})

    assert customer.deliver() == {"batchItemFailures": []}

    (got,) = customer.server.received
    standardwebhooks.Webhook(endpoint["secret"]).verify(got.body, dict(got.headers))
    svix.webhooks.Webhook(endpoint["secret"]).verify(got.body, dict(got.headers))
    assert json.loads(got.body)["data"] == {"name": "Zoë"}
    assert got.headers["webhook-id"] == "evt_1"
    assert got.headers["content-type"] == "application/cloudevents+json"
    assert got.headers["authorization"] == "Bearer x"
    assert got.headers["x-tenant"] == "7"


def test_a_delivery_says_how_it_went(customer: Customer) -> None:
    customer.create()
    behave(customer, receiver.answering(202, body=b"taken"))
    customer.publish()
    customer.deliver()

    row, (attempt,) = customer.row(), customer.attempts()

    assert (row["status"], row["attempts"]) == ("delivered", 1)
    assert (attempt["status_code"], attempt["response"]) == (202, b"taken")
    assert "error_class" not in attempt


def test_a_second_message_for_a_delivery_sends_nothing(customer: Customer) -> None:
    customer.create()
    customer.publish()
    id = customer.row()["id"]

    for _ in range(3):
        assert customer.deliver(id) == {"batchItemFailures": []}

    assert len(customer.server.received) == 1


@pytest.mark.parametrize(
    ("gap", "least"), [(60, 50), (retries.GAPS[-1], 12 * 3600 - 1800), (200_000, 12 * 3600 - 1800)]
)
def test_a_message_that_is_early_comes_back_when_due_or_as_late_as_sqs_can(
    customer: Customer, gap: int, least: int
) -> None:
    customer.create()
    customer.publish()
    row = customer.row()
    due = clock.now() + timedelta(seconds=gap)
    customer.change(deliveries.key(row["id"]), due_at=clock.rfc3339(due))
    put_off: list[int] = []

    def look(params: Json, **_: Any) -> None:
        """See what SQS is asked for, which no longer has this message."""
        put_off.append(params["VisibilityTimeout"])

    with hooked("before-parameter-build.sqs.ChangeMessageVisibility", look):
        assert customer.deliver(row["id"])["batchItemFailures"]

    assert customer.server.received == []
    (asked,) = put_off
    assert least <= asked <= min(gap, 12 * 3600)


@pytest.mark.parametrize(
    ("behaviour", "kind"),
    [
        (receiver.answering(500), "server_error"),
        (receiver.answering(404), "client_error"),
        (receiver.answering(302, {"Location": "http://169.254.169.254/"}), "redirect"),
        (receiver.answering(304), "redirect"),
        (receiver.answering(429), "rate_limited"),
        (receiver.saying(b"HTTP/1.1 700 What\r\nContent-Length: 0\r\n\r\n"), "protocol"),
        (receiver.RUBBISH, "protocol"),
        (receiver.resetting, "reset"),
        (receiver.HANGING, "timeout"),
        (receiver.HANGING_MID_BODY, "timeout"),
    ],
)
def test_what_fails_is_tried_again_after_five_seconds_then_five_minutes(
    customer: Customer, behaviour: receiver.Behaviour, kind: str
) -> None:
    customer.create()
    behave(customer, behaviour)
    customer.publish()

    waits = []
    for _ in range(2):
        customer.deliver(customer.row()["id"], ATTEMPT_SECONDS="1")
        row = customer.row()
        assert row["status"] == "retry_wait"
        assert row["last_error"]["error_class"] == kind
        waits.append(seconds_until(row["due_at"]))
        customer.make_due()
        forget_hold(customer)

    assert SECONDS_5 - 3 < waits[0] <= SECONDS_5 * 1.2
    assert MINUTES_5 - 3 < waits[1] <= MINUTES_5 * 1.2
    assert {each["error_class"] for each in customer.attempts()} == {kind}


def forget_hold(customer: Customer) -> None:
    (endpoint_id,) = {each["endpoint_id"] for each in customer.rows()}
    customer.change(
        {"id": endpoint_id, "part": "health"}, held_until=clock.rfc3339(clock.now() - timedelta(1))
    )


def test_ten_failures_are_the_end_and_nothing_goes_to_the_dead_letter_queue(
    customer: Customer,
) -> None:
    customer.create()
    behave(customer, receiver.answering(500))
    customer.publish()

    for _ in range(10):
        assert customer.row()["status"] in {"pending", "retry_wait"}
        assert customer.deliver(customer.row()["id"]) == {"batchItemFailures": []}
        customer.make_due()

    assert customer.row()["status"] == "exhausted"
    assert len(customer.attempts()) == 10
    assert customer.dispatch() == []


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_honoured_in_full_by_all_deliveries_to_the_endpoint(
    customer: Customer, status: int
) -> None:
    customer.create()
    behave(customer, receiver.answering(status, {"Retry-After": "7200"}))
    for id in ("evt_1", "evt_2"):
        customer.publish(id=id)
    first, second = customer.rows()

    customer.deliver(first["id"])
    customer.deliver(second["id"])

    assert len(customer.server.received) == 1
    rows = {each["id"]: each for each in customer.rows()}
    assert 7195 < seconds_until(rows[first["id"]]["due_at"]) <= 7200
    assert 7195 < seconds_until(rows[second["id"]]["due_at"]) <= 7200 * 1.2
    assert rows[second["id"]]["attempts"] == 0


def test_retry_after_ends_at_the_last_attempts_time(customer: Customer) -> None:
    endpoint = customer.create()
    behave(customer, receiver.answering(503, {"Retry-After": "99999999"}))
    customer.publish()

    customer.deliver()

    horizon = retries.HORIZON.total_seconds()
    assert horizon - 60 < seconds_until(customer.row()["due_at"]) <= horizon
    assert seconds_until(customer.fares(endpoint["id"])["held_until"]) <= horizon


def test_retry_after_may_be_a_date(customer: Customer) -> None:
    customer.create()
    at = format_datetime(clock.now() + timedelta(hours=3), usegmt=True)
    behave(customer, receiver.answering(500, {"Retry-After": at}))
    customer.publish()

    customer.deliver()

    assert 3 * 3600 - 5 < seconds_until(customer.row()["due_at"]) <= 3 * 3600


def test_gone_disables_the_endpoint_and_the_rest_is_kept_as_skipped(customer: Customer) -> None:
    endpoint = customer.create()
    behave(customer, receiver.answering(410))
    for id in ("evt_1", "evt_2"):
        customer.publish(id=id)
    first, second = customer.rows()

    customer.deliver(first["id"])
    customer.deliver(second["id"])
    customer.publish(id="evt_3")
    customer.deliver(customer.rows()[2]["id"])

    shown = customer.endpoint(endpoint["id"])
    assert (shown["status"], shown["disabled_reason"]) == ("disabled", "gone")
    assert [each["status"] for each in customer.rows()] == ["exhausted", "skipped", "skipped"]
    assert [each.get("reason") for each in customer.rows()[1:]] == ["endpoint_disabled"] * 2
    assert len(customer.server.received) == 1


def test_five_days_of_nothing_but_failure_disable_the_endpoint(customer: Customer) -> None:
    endpoint = customer.create()
    behave(customer, receiver.answering(500))
    customer.publish()
    customer.deliver()
    assert customer.endpoint(endpoint["id"])["status"] == "active"

    since = clock.rfc3339(clock.now() - timedelta(days=5))
    customer.change({"id": endpoint["id"], "part": "health"}, failing_since=since)
    customer.make_due()
    customer.deliver()

    shown = customer.endpoint(endpoint["id"])
    assert (shown["status"], shown["disabled_reason"]) == ("disabled", "failing")


def test_one_success_in_five_days_is_enough(customer: Customer) -> None:
    endpoint = customer.create()
    behave(customer, receiver.answering(500), receiver.answering(200), receiver.answering(500))
    for id in ("evt_1", "evt_2", "evt_3"):
        customer.publish(id=id)

    first, *others = customer.rows()
    customer.deliver(first["id"])
    since = clock.rfc3339(clock.now() - timedelta(days=9))
    customer.change({"id": endpoint["id"], "part": "health"}, failing_since=since)
    for each in others:
        customer.deliver(each["id"])

    assert customer.endpoint(endpoint["id"])["status"] == "active"
    assert seconds_until(customer.fares(endpoint["id"])["failing_since"]) > -60


def test_a_rate_limit_spaces_deliveries_out_and_costs_no_attempt(customer: Customer) -> None:
    customer.create(rate_limit=1)
    for number in range(4):
        customer.publish(id=f"evt_{number}")
    ids = [each["id"] for each in customer.rows()]

    for id in ids:
        customer.deliver(id)

    waiting = [each for each in customer.rows() if each["status"] == "pending"]
    assert len(customer.server.received) == 1
    assert [each["attempts"] for each in waiting] == [0, 0, 0]
    slots = sorted(seconds_until(each["due_at"]) for each in waiting)
    assert [round(later - slots[0]) for later in slots] == [0, 1, 2]
    customer.make_due()
    for each in waiting:
        customer.deliver(each["id"])
    assert len(customer.server.received) == 4


def test_the_address_is_checked_at_every_attempt(customer: Customer) -> None:
    customer.create()
    customer.publish()

    customer.deliver(ALLOW_LOCAL_TARGETS="false")

    assert customer.row()["last_error"]["error_class"] == "url_forbidden"
    assert customer.server.connections == 0


def test_an_erased_event_is_not_sent(customer: Customer) -> None:
    customer.create()
    customer.publish()
    table = customer.cloud.name("DeliveriesTable")
    store.delete(table, {"id": "evt_1", "part": "event"}, when="attribute_exists(#id)")

    customer.deliver()

    assert (customer.row()["status"], customer.row()["reason"]) == ("skipped", "event_erased")


def test_a_delivery_of_a_deleted_endpoint_is_erased(customer: Customer) -> None:
    endpoint = customer.create()
    customer.publish()
    id = customer.row()["id"]
    headers = {"If-Match": "*"}
    customer.call("DeleteEndpointFunction", method="DELETE", headers=headers, id=endpoint["id"])

    customer.deliver(id)

    assert customer.rows() == []
    assert customer.server.received == []


# What a delivery calls: claim; endpoint, secret and event; slot; then the POST; slot, attempt, end.
CALLS = 6


@pytest.mark.parametrize("call", range(1, CALLS + 1))
def test_a_death_after_any_call_costs_one_duplicate_at_most(customer: Customer, call: int) -> None:
    customer.create()
    customer.publish()
    id = customer.row()["id"]

    with pytest.raises(ProcessDied), death_after_call(call):
        customer.deliver(id, LEASE_SECONDS="-1")
    customer.deliver(id)

    assert customer.row()["status"] == "delivered"
    got = customer.server.received
    assert 1 <= len(got) <= 2
    assert {each.headers["webhook-id"] for each in got} == {"evt_1"}
    assert len(customer.attempts()) <= len(got)
    customer.deliver(id)
    assert len(customer.server.received) == len(got)


def test_a_worker_that_outlived_its_lease_writes_nothing(customer: Customer) -> None:
    customer.create()
    customer.publish()
    id = customer.row()["id"]

    def taken_over(handler: receiver.Handler) -> None:
        customer.change(deliveries.key(id), fence="another worker's")
        receiver.answering(500)(handler)

    behave(customer, taken_over)
    assert customer.deliver(id) == {"batchItemFailures": []}

    assert customer.row()["fence"] == "another worker's"
    assert customer.row()["status"] == "running"


def test_while_dynamodb_is_away_the_message_comes_back(customer: Customer) -> None:
    customer.create()
    customer.publish()

    with refusing("dynamodb", "UpdateItem", "InternalServerError", 500):
        answer = customer.deliver(customer.row()["id"])

    assert answer["batchItemFailures"]
    customer.deliver(customer.row()["id"])
    assert customer.row()["status"] == "delivered"


def test_an_event_by_claim_check_is_sent_whole(customer: Customer) -> None:
    customer.create()
    large = event(data={"text": "x" * 300_000})
    bucket = customer.cloud.name("PayloadsBucket")
    aws.s3().put_object(Bucket=bucket, Key="events/evt_1/digest", Body=large.to_json().encode())
    checked = {"claim_check": "events/evt_1/digest", "correlationid": "order-7"}
    customer.cloud.invoke("FanOutEventFunction", queue(checked))

    customer.deliver()

    assert customer.server.received[0].body == large.to_json().encode()


def test_a_payload_that_was_erased_is_not_sent(customer: Customer) -> None:
    test_an_event_by_claim_check_is_sent_whole(customer)
    bucket = customer.cloud.name("PayloadsBucket")
    aws.s3().delete_object(Bucket=bucket, Key="events/evt_1/digest")
    retry = customer.call("RetryDeliveryFunction", id=customer.row()["id"])
    assert retry["statusCode"] == 202

    customer.deliver()

    assert (customer.row()["status"], customer.row()["reason"]) == ("skipped", "event_erased")


def test_a_payload_that_a_replay_outlived_has_expired(customer: Customer) -> None:
    test_an_event_by_claim_check_is_sent_whole(customer)
    customer.change({"id": "evt_1", "part": "event"}, expires_epoch=1)
    customer.change(deliveries.key(customer.row()["id"]), expires_epoch=1)
    bucket = customer.cloud.name("PayloadsBucket")
    aws.s3().delete_object(Bucket=bucket, Key="events/evt_1/digest")
    asked = {"since": "2020-01-01T00:00:00Z", "statuses": ["delivered"]}
    endpoint_id = customer.row()["endpoint_id"]
    job = body_of(customer.call("ReplayEndpointFunction", asked, id=endpoint_id))
    customer.cloud.invoke("RunEndpointReplayFunction", queue({"id": job["id"]}))

    customer.deliver()

    assert (customer.row()["status"], customer.row()["reason"]) == ("skipped", "event_expired")


def test_an_event_that_went_before_its_delivery_has_expired(customer: Customer) -> None:
    customer.create()
    customer.publish()
    customer.change(deliveries.key(customer.row()["id"]), expires_epoch=1)
    table = customer.cloud.name("DeliveriesTable")
    store.delete(table, {"id": "evt_1", "part": "event"}, when="attribute_exists(#id)")

    customer.deliver()

    assert (customer.row()["status"], customer.row()["reason"]) == ("skipped", "event_expired")


def test_both_secrets_sign_for_a_day_after_a_rotation(customer: Customer) -> None:
    endpoint = customer.create()
    customer.publish()
    rotated: Json = json.loads(
        customer.call("RotateEndpointSecretFunction", id=endpoint["id"])["body"]
    )

    customer.deliver()

    (got,) = customer.server.received
    for secret in (endpoint["secret"], rotated["secret"]):
        standardwebhooks.Webhook(secret).verify(got.body, dict(got.headers))
    assert endpoints.overlapping({"former": [{"until": "2020"}]}, now=clock.now()) == []
