"""Webhooks out, over HTTP: customers' servers of every kind, and faults in between."""

import json
import os
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import standardwebhooks
import svix
import trustme

from local.api import Answer, Api, until
from local.stack import Stack
from tests import receiver
from tests.e2e.faults import Proxy, kill, physical_name, route
from tests.e2e.test_request_response import assert_problem
from tests.receiver import Receiver

JSON = {"content-type": "application/json"}
ANY_STATE = JSON | {"if-match": "*"}
ENDED = {"delivered", "exhausted", "skipped"}


@pytest.fixture(scope="session")
def authority(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> trustme.CA:
    """An authority that the workers trust, beside none: receivers here have no others."""
    found = trustme.CA()
    file: Path = tmp_path_factory.mktemp("trust") / "ca.pem"
    found.cert_pem.write_to_path(file)
    client = stack.client("lambda")
    name = physical_name(stack, "DeliverWebhookFunction")
    variables = client.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    variables["SSL_CERT_FILE"] = str(file)
    client.update_function_configuration(FunctionName=name, Environment={"Variables": variables})
    return found


@pytest.fixture(scope="session")
def rows_of_deliveries(stack: Stack, authority: trustme.CA) -> Iterator[Proxy]:
    """What stands between the worker and DynamoDB."""
    with Proxy(stack.endpoint_url) as proxy:
        route(stack, "DeliverWebhookFunction", "DYNAMODB", proxy.url)
        yield proxy


@pytest.fixture
def server() -> Iterator[Receiver]:
    with Receiver() as found:
        yield found


class Customer:
    """A customer with endpoints for one run's events alone."""

    def __init__(self, api: Api, server: Receiver, run: str) -> None:
        self.api = api
        self.server = server
        self.type = f"order.{run}"
        self.made: list[str] = []

    def create(self, path: str = "/hook", **fields: Any) -> dict[str, Any]:
        body = {"url": self.server.url(path), "types": [self.type]} | fields
        answer = self.api.post("/webhook-endpoints", body, expect=201)
        self.made.append(answer.body["id"])
        found: dict[str, Any] = answer.body
        return found

    def publish(self, payload: Any = None, **fields: Any) -> str:
        body = {"topic": "payment-events", "type": self.type, "payload": payload} | fields
        id: str = self.api.post("/events/publish", body, expect=202).body["id"]
        return id

    def deliveries(self, **query: str) -> list[dict[str, Any]]:
        """List deliveries, all pages."""
        found: list[dict[str, Any]] = []
        path = "/webhook-deliveries?" + "&".join(f"{name}={each}" for name, each in query.items())
        token = ""
        while True:
            page = self.api.get(path + token).body
            found += page["items"]
            if "next_page_token" not in page:
                return found
            token = f"&page_token={page['next_page_token']}"

    def delivery(self, event_id: str, *statuses: str) -> dict[str, Any]:
        """Wait until the event's only delivery is in one of these states; give it whole."""

        def look() -> dict[str, Any] | None:
            found = [
                each for each in self.deliveries(event_id=event_id) if each["status"] in statuses
            ]
            return found[0] if found else None

        id = until(f"a delivery that is {statuses}", look, within=60)["id"]
        whole: dict[str, Any] = self.api.get(f"/webhook-deliveries/{id}").body
        return whole

    def change(self, id: str, **fields: Any) -> Answer:
        body = json.dumps(fields).encode()
        return self.api.call("PATCH", f"/webhook-endpoints/{id}", body, ANY_STATE)


@pytest.fixture
def customer(api: Api, server: Receiver, run: str, rows_of_deliveries: Proxy) -> Iterator[Customer]:
    found = Customer(api, server, run)
    yield found
    for id in found.made:  # a failing endpoint would keep workers busy in the next test
        api.call("DELETE", f"/webhook-endpoints/{id}", headers=ANY_STATE)


def tls(certificate: trustme.LeafCert) -> Any:
    import ssl  # noqa: PLC0415

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate.configure_cert(context)
    return context


def test_an_event_reaches_a_customer_who_verifies_it_with_the_official_packages(
    customer: Customer,
) -> None:
    endpoint = customer.create(headers={"x-tenant": "7"})
    event_id = customer.publish({"amount": 1999})

    delivered = customer.delivery(event_id, "delivered")

    (got,) = customer.server.at("/hook")
    standardwebhooks.Webhook(endpoint["secret"]).verify(got.body, dict(got.headers))
    svix.webhooks.Webhook(endpoint["secret"]).verify(got.body, dict(got.headers))
    assert json.loads(got.body)["data"] == {"amount": 1999}
    assert got.headers["webhook-id"] == event_id
    assert got.headers["x-tenant"] == "7"
    (attempt,) = delivered["tries"]
    assert (attempt["status_code"], attempt["response"]) == (200, "ok")


def test_a_customer_over_tls_is_reached_and_one_with_a_bad_certificate_is_not(
    api: Api, run: str, customer: Customer, authority: trustme.CA
) -> None:
    old = authority.issue_cert("localhost", not_after=datetime(2020, 1, 1, tzinfo=UTC))
    with Receiver(tls(authority.issue_cert("localhost"))) as good, Receiver(tls(old)) as expired:
        customer.create(url=good.url("/hook", "localhost"))
        customer.delivery(customer.publish(), "delivered")
        assert len(good.received) == 1

        customer.type = f"late.{run}"
        customer.create(url=expired.url("/hook", "localhost"))
        failed = customer.delivery(customer.publish(), "exhausted")
        assert {each["error_class"] for each in failed["tries"]} == {"tls"}
        assert expired.received == []


@pytest.mark.parametrize(
    ("behaviour", "kind"),
    [
        (receiver.HANGING, "timeout"),
        (receiver.HANGING_MID_BODY, "timeout"),
        (receiver.answering(302, {"Location": "http://169.254.169.254/"}), "redirect"),
        (receiver.answering(503), "server_error"),
        (receiver.resetting, "reset"),
        (receiver.RUBBISH, "protocol"),
    ],
)
def test_after_a_failed_attempt_the_next_one_succeeds(
    customer: Customer, behaviour: receiver.Behaviour, kind: str
) -> None:
    customer.server.behaviours["/hook"] = receiver.in_turn(behaviour, receiver.answering(200))
    customer.create()

    delivered = customer.delivery(customer.publish(), "delivered")

    assert [each.get("error_class") for each in delivered["tries"]] == [kind, None]
    assert len({each.headers["webhook-id"] for each in customer.server.at("/hook")}) == 1


def test_of_ten_megabytes_sixteen_kilobytes_are_kept(customer: Customer) -> None:
    customer.server.behaviours["/hook"] = receiver.huge(10)
    customer.create()

    delivered = customer.delivery(customer.publish(), "delivered")

    assert delivered["tries"][0]["response"] == "x" * 16_384


def test_a_customer_who_never_takes_it_gets_ten_attempts(customer: Customer) -> None:
    customer.server.behaviours["/hook"] = receiver.answering(500)
    customer.create()

    exhausted = customer.delivery(customer.publish(), "exhausted")

    assert len(exhausted["tries"]) == 10
    assert len(customer.server.at("/hook")) == 10


def test_retry_after_is_waited_for(customer: Customer) -> None:
    behaviours = (receiver.answering(429, {"Retry-After": "4"}), receiver.answering(200))
    customer.server.behaviours["/hook"] = receiver.in_turn(*behaviours)
    customer.create()

    customer.delivery(customer.publish(), "delivered")

    first, second = customer.server.at("/hook")
    assert second.at - first.at >= 4


def test_gone_disables_and_what_was_missed_is_replayed_once_enabled_again(
    customer: Customer, stack: Stack, spy: Any
) -> None:
    customer.server.behaviours["/hook"] = receiver.in_turn(
        receiver.answering(410), receiver.answering(200)
    )
    endpoint = customer.create()
    path = f"/webhook-endpoints/{endpoint['id']}"
    missed = customer.publish(1)
    customer.delivery(missed, "exhausted")
    assert customer.api.get(path).body["disabled_reason"] == "gone"
    skipped = customer.publish(2)
    customer.delivery(skipped, "skipped")
    told = until(
        "the operational event",
        lambda: spy.events(type="webhook.endpoint.disabled", subject=endpoint["id"]) or None,
    )
    assert told[0]["topic"] == "webhook-events"

    since = {"since": endpoint["created_at"]}
    early = customer.api.call("POST", f"{path}/replays", json.dumps(since).encode(), JSON)
    assert_problem(early, 409, "endpoint_disabled")
    assert customer.change(endpoint["id"], status="active").status == 200
    job = customer.api.post(f"{path}/replays", since, expect=202)

    def ended() -> dict[str, Any] | None:
        found = customer.api.get(f"{path}/{job.headers['location']}").body
        return found if found["status"] == "completed" else None

    assert until("the replay's end", ended)["progress"] == {"seen": 2, "replayed": 2}
    for event_id in (missed, skipped):
        customer.delivery(event_id, "delivered")
    assert len(customer.server.at("/hook")) == 3


def test_nothing_but_failure_for_long_disables(customer: Customer) -> None:
    """Five days are 22 seconds at this pace, the table of attempts ends after 14."""
    customer.server.behaviours["/hook"] = receiver.answering(500)
    endpoint = customer.create()
    path = f"/webhook-endpoints/{endpoint['id']}"
    started = time.monotonic()
    customer.publish()
    until("half a minute", lambda: time.monotonic() - started > 23 or None)

    customer.publish()

    def disabled() -> dict[str, Any] | None:
        found = customer.api.get(path).body
        return found if found["status"] == "disabled" else None

    assert until("the end of patience", disabled)["disabled_reason"] == "failing"


def test_a_worker_killed_between_the_post_and_the_write_costs_one_duplicate_at_most(
    customer: Customer, stack: Stack, rows_of_deliveries: Proxy
) -> None:
    customer.create()
    gate = rows_of_deliveries.hold(lambda _, body: b"attempt#" in body)
    event_id = customer.publish()
    assert gate.reached.wait(120)
    assert len(customer.server.at("/hook")) == 1

    kill(stack, "DeliverWebhookFunction")
    gate.drop = True
    gate.opened.set()

    delivered = customer.delivery(event_id, "delivered")
    got = customer.server.at("/hook")
    assert len(got) == 2
    assert {each.headers["webhook-id"] for each in got} == {event_id}
    assert delivered["attempts"] == 2


def test_both_secrets_verify_during_the_overlap(customer: Customer) -> None:
    endpoint = customer.create()
    path = f"/webhook-endpoints/{endpoint['id']}/secret"
    rotated = customer.api.post(f"{path}/rotations", {}, expect=201).body
    assert customer.api.get(path).body["secret"] == rotated["secret"] != endpoint["secret"]

    customer.delivery(customer.publish(), "delivered")

    (got,) = customer.server.at("/hook")
    for secret in (endpoint["secret"], rotated["secret"]):
        standardwebhooks.Webhook(secret).verify(got.body, dict(got.headers))


def test_a_test_delivery_says_what_matches_and_what_came_back(customer: Customer) -> None:
    endpoint = customer.create(data_equals={"/amount": 5})
    path = f"/webhook-endpoints/{endpoint['id']}/tests"

    for amount in (5, 6):
        body = {"topic": "payment-events", "type": customer.type, "data": {"amount": amount}}
        tried = customer.api.post(path, body, expect=200).body
        assert tried["matches"] is (amount == 5)
        assert tried["attempt"]["status_code"] == 200

    for got in customer.server.at("/hook"):
        standardwebhooks.Webhook(endpoint["secret"]).verify(got.body, dict(got.headers))


def test_a_manual_retry_sends_the_same_event_again(customer: Customer) -> None:
    customer.create()
    event_id = customer.publish()
    delivery = customer.delivery(event_id, "delivered")

    customer.api.post(f"/webhook-deliveries/{delivery['id']}/retries", {}, expect=202)

    until("the second one", lambda: len(customer.server.at("/hook")) == 2 or None)
    assert {each.headers["webhook-id"] for each in customer.server.at("/hook")} == {event_id}


def test_private_targets_are_refused_even_here(customer: Customer) -> None:
    for host in ("10.0.0.1", "169.254.169.254", "2130706433", "[::ffff:10.0.0.1]", "[fd00::1]"):
        body = json.dumps({"url": f"https://{host}/"}).encode()
        answer = customer.api.call("POST", "/webhook-endpoints", body, JSON)
        problem = assert_problem(answer, 422, "url_forbidden")
        assert problem["errors"][0]["pointer"] == "/url"


def test_a_deleted_endpoints_deliveries_are_erased(customer: Customer, stack: Stack) -> None:
    endpoint = customer.create()
    event_id = customer.publish()
    delivery = customer.delivery(event_id, "delivered")

    path = f"/webhook-endpoints/{endpoint['id']}"
    assert customer.api.call("DELETE", path, headers=ANY_STATE).status == 204

    def erased() -> bool | None:
        return customer.api.get(f"/webhook-deliveries/{delivery['id']}").status == 404 or None

    until("the erasure", erased)
    assert customer.deliveries(event_id=event_id) == []


# 400 take three minutes on two cores; 10,000 are a matter of patience: EVENTS=10000 make e2e.
EVENTS, AT_ONCE = int(os.environ.get("EVENTS", "60")), 4


def test_of_many_events_to_good_and_bad_customers_each_is_delivered_or_explained(
    customer: Customer, stack: Stack
) -> None:
    server = customer.server
    server.behaviours["/flaky"] = flaky
    server.behaviours["/broken"] = receiver.answering(500)
    server.behaviours["/slow"] = receiver.in_turn(
        *[receiver.answering(503, {"Retry-After": "1"})] * 5, receiver.answering(200)
    )
    made = {path: customer.create(path)["id"] for path in ("/good", "/flaky", "/broken", "/slow")}

    with ThreadPoolExecutor(AT_ONCE) as pool:
        accepted = set(pool.map(customer.publish, range(EVENTS)))

    def ended() -> dict[str, list[dict[str, Any]]] | None:
        time.sleep(3)  # looking costs the cloud what the workers need
        found = {path: customer.deliveries(endpoint_id=id) for path, id in made.items()}
        whole = all(len(each) == EVENTS for each in found.values())
        over = all(each["status"] in ENDED for rows in found.values() for each in rows)
        return found if whole and over else None

    found = until("the end of all deliveries", ended, within=60 + EVENTS)

    for path, rows in found.items():
        assert {each["event_id"] for each in rows} == accepted, path
    assert {each["status"] for path in ("/good", "/flaky", "/slow") for each in found[path]} == {
        "delivered"
    }
    assert {each["status"] for each in found["/broken"]} <= {"exhausted", "skipped"}
    for path in ("/good", "/flaky", "/slow"):
        assert {each.headers["webhook-id"] for each in server.at(path)} == accepted
    # A worker that is killed for its time, as a busy machine's are, may have sent already.
    times = Counter(each.headers["webhook-id"] for each in server.at("/good"))
    assert max(times.values()) <= 2
    dead = stack.outputs["DeliveriesDeadLetterQueueUrl"]
    names = ["ApproximateNumberOfMessages"]
    sqs = stack.client("sqs")
    found_dead = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=names)["Attributes"]
    assert found_dead["ApproximateNumberOfMessages"] == "0"


def flaky(handler: receiver.Handler) -> None:
    """Fail every third request."""
    receiver.answering(500 if len(handler.receiver.received) % 3 == 0 else 200)(handler)
