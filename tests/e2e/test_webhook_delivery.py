"""Webhooks out, over HTTP: customers' servers of every kind, and faults in between."""

import contextlib
import json
import os
import threading
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

from local.api import Answer, Api, expected, until
from local.stack import Stack
from tests import receiver
from tests.e2e.conftest import workers_died
from tests.e2e.faults import Proxy, configure, intercepted, kill, physical_name
from tests.e2e.test_request_response import assert_problem
from tests.receiver import Receiver

JSON = {"content-type": "application/json"}
ANY_STATE = JSON | {"if-match": "*"}
ENDED = {"delivered", "exhausted", "skipped"}
PATIENCE = 180.0  # of a busy machine; nothing here takes so long on an idle one


@pytest.fixture(scope="session")
def authority(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> trustme.CA:
    """An authority that the workers trust, beside none: receivers here have no others."""
    found = trustme.CA()
    file: Path = tmp_path_factory.mktemp("trust") / "ca.pem"
    found.cert_pem.write_to_path(file)
    configure(stack, "DeliverWebhookFunction", SSL_CERT_FILE=str(file))
    return found


@pytest.fixture(scope="session")
def rows_of_deliveries(stack: Stack, authority: trustme.CA) -> Proxy:
    """What stands between the worker and DynamoDB."""
    return intercepted(stack, "DeliverWebhookFunction", "DYNAMODB")


@pytest.fixture
def server() -> Iterator[Receiver]:
    with Receiver() as found:
        yield found


class Customer:
    """A customer with endpoints for one run's events alone."""

    def __init__(self, api: Api, server: Receiver, run: str) -> None:
        self.api = api
        self.server = server
        self.topic = f"deliveries-{run}"
        self.type = f"order.{run}"
        self.made: list[str] = []

    def register(self, **fields: Any) -> None:
        """Register a topic of this run's own."""
        headers = JSON | {"if-none-match": "*"}
        body = json.dumps(fields).encode()
        assert self.api.call("PUT", f"/events/topics/{self.topic}", body, headers).status == 201

    def create(self, path: str = "/hook", **fields: Any) -> dict[str, Any]:
        body = {"url": self.server.url(path), "topics": [self.topic], "types": [self.type]} | fields
        answer = self.api.post("/webhook-endpoints", body, expect=201)
        self.made.append(answer.body["id"])
        found: dict[str, Any] = answer.body
        return found

    def publish(self, payload: Any = None, **fields: Any) -> str:
        """Publish; while a busy machine's SNS does not answer, again, as publishers do."""
        body = {"topic": self.topic, "type": self.type, "payload": payload} | fields
        return until("the event", lambda: self._published(body), within=PATIENCE)

    def _published(self, body: dict[str, Any]) -> str | None:
        answer = self.api.call("POST", "/events/publish", json.dumps(body).encode(), JSON)
        return None if answer.status == 503 else str(expected(202, answer).body["id"])

    def publish_all(self, entries: list[dict[str, Any]]) -> list[str]:
        """Publish many in one request; what it does not take is sent again."""
        own = {"topic": self.topic, "type": self.type, "payload": None}
        body = json.dumps([own | each for each in entries]).encode()
        items = self.api.call("POST", "/events/publish", body, JSON).body["items"]
        fates = zip(entries, items, strict=True)
        return [each["id"] if "id" in each else self.publish(**entry) for entry, each in fates]

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

        id = until(f"a delivery that is {statuses}", look, within=PATIENCE)["id"]
        whole: dict[str, Any] = self.api.get(f"/webhook-deliveries/{id}").body
        return whole

    def change(self, id: str, **fields: Any) -> Answer:
        body = json.dumps(fields).encode()
        return self.api.call("PATCH", f"/webhook-endpoints/{id}", body, ANY_STATE)


@pytest.fixture
def customer(api: Api, server: Receiver, run: str, rows_of_deliveries: Proxy) -> Iterator[Customer]:
    found = Customer(api, server, run)
    found.register()
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

    got, *_ = customer.server.at("/hook")
    standardwebhooks.Webhook(endpoint["secret"]).verify(got.body, dict(got.headers))
    svix.webhooks.Webhook(endpoint["secret"]).verify(got.body, dict(got.headers))
    assert json.loads(got.body)["data"] == {"amount": 1999}
    assert got.headers["webhook-id"] == event_id
    assert got.headers["x-tenant"] == "7"
    attempt = delivered["tries"][-1]
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
        failed = customer.delivery(customer.publish(), "retry_wait", "exhausted")
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

    classes = [each.get("error_class") for each in delivered["tries"]]
    assert (classes[0], classes[-1]) == (kind, None)
    assert len({each.headers["webhook-id"] for each in customer.server.at("/hook")}) == 1


def test_of_ten_megabytes_sixteen_kilobytes_are_kept(customer: Customer) -> None:
    customer.server.behaviours["/hook"] = receiver.huge(10)
    customer.create()

    delivered = customer.delivery(customer.publish(), "delivered")

    assert delivered["tries"][-1]["response"] == "x" * 16_384


def test_a_customer_who_never_takes_it_gets_ten_attempts(customer: Customer, stack: Stack) -> None:
    customer.server.behaviours["/hook"] = receiver.answering(500)
    customer.create()
    died_before = workers_died(stack, "DeliverWebhookFunction")

    exhausted = customer.delivery(customer.publish(), "exhausted")

    # A busy machine may cost a worker its time between an attempt and what counts it.
    died = workers_died(stack, "DeliverWebhookFunction") - died_before
    assert 10 <= len(exhausted["tries"]) <= len(customer.server.at("/hook")) <= 10 + died


def test_retry_after_is_waited_for(customer: Customer) -> None:
    behaviours = (receiver.answering(429, {"Retry-After": "4"}), receiver.answering(200))
    customer.server.behaviours["/hook"] = receiver.in_turn(*behaviours)
    customer.create()

    customer.delivery(customer.publish(), "delivered")

    first, second, *_ = customer.server.at("/hook")
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
        within=PATIENCE,
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

    progress = until("the replay's end", ended, within=PATIENCE)["progress"]
    assert progress == {"seen": 2, "replayed": 2}
    for event_id in (missed, skipped):
        customer.delivery(event_id, "delivered")


def test_nothing_but_failure_for_long_disables(customer: Customer, stack: Stack) -> None:
    customer.server.behaviours["/hook"] = receiver.answering(500)
    endpoint = customer.create()
    customer.delivery(customer.publish(), "retry_wait", "exhausted")
    stack.client("dynamodb").update_item(
        TableName=physical_name(stack, "DeliveriesTable"),
        Key={"id": {"S": endpoint["id"]}, "part": {"S": "health"}},
        UpdateExpression="SET failing_since = :then",
        ExpressionAttributeValues={":then": {"S": "2020-01-01T00:00:00.000Z"}},
    )

    customer.publish()

    def disabled() -> dict[str, Any] | None:
        found = customer.api.get(f"/webhook-endpoints/{endpoint['id']}").body
        return found if found["status"] == "disabled" else None

    told = until("the end of patience", disabled, within=PATIENCE)
    assert told["disabled_reason"] == "failing"


def test_a_worker_killed_between_the_post_and_the_write_costs_one_duplicate_at_most(
    customer: Customer, stack: Stack, rows_of_deliveries: Proxy
) -> None:
    customer.create()
    died_before = workers_died(stack, "DeliverWebhookFunction")
    gate = rows_of_deliveries.hold(lambda _, body: b"attempt#" in body)
    event_id = customer.publish()
    assert gate.reached.wait(PATIENCE)
    assert len(customer.server.at("/hook")) == 1

    kill(stack, "DeliverWebhookFunction")
    gate.drop = True
    gate.opened.set()

    delivered = customer.delivery(event_id, "delivered")
    got = customer.server.at("/hook")
    assert {each.headers["webhook-id"] for each in got} == {event_id}
    # One for the death that was planted; a busy machine may cost another worker its time.
    died = workers_died(stack, "DeliverWebhookFunction") - died_before
    assert 2 <= len(got) <= 1 + died
    assert len(got) <= delivered["attempts"]


def test_both_secrets_verify_during_the_overlap(customer: Customer) -> None:
    endpoint = customer.create()
    path = f"/webhook-endpoints/{endpoint['id']}/secret"
    rotated = customer.api.post(f"{path}/rotations", {}, expect=201).body
    assert customer.api.get(path).body["secret"] == rotated["secret"] != endpoint["secret"]

    customer.delivery(customer.publish(), "delivered")

    got, *_ = customer.server.at("/hook")
    for secret in (endpoint["secret"], rotated["secret"]):
        standardwebhooks.Webhook(secret).verify(got.body, dict(got.headers))


def test_a_test_delivery_says_what_matches_and_what_came_back(customer: Customer) -> None:
    endpoint = customer.create(data_equals={"/amount": 5})
    path = f"/webhook-endpoints/{endpoint['id']}/tests"

    for amount in (5, 6):
        body = {"topic": customer.topic, "type": customer.type, "data": {"amount": amount}}
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

    got = customer.server.at
    until("the second one", lambda: len(got("/hook")) >= 2 or None, within=PATIENCE)
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

    until("the erasure", erased, within=PATIENCE)
    assert customer.deliveries(event_id=event_id) == []


# 60 take seconds; 10,000 are a matter of patience: EVENTS=10000 pytest -k of_many_events.
EVENTS, AT_ONCE, A_REQUEST = int(os.environ.get("EVENTS", "60")), 4, 20
SHARE = 4  # each event goes to one of four customers


def test_of_many_events_to_good_and_bad_customers_each_is_delivered_or_explained(
    customer: Customer, stack: Stack
) -> None:
    server = customer.server
    server.behaviours["/flaky"] = flaky
    server.behaviours["/broken"] = receiver.answering(500)
    server.behaviours["/slow"] = receiver.in_turn(
        *[receiver.answering(503, {"Retry-After": "1"})] * 5, receiver.answering(200)
    )
    paths = ("/good", "/flaky", "/broken", "/slow")
    made = {
        path: customer.create(path, data_equals={"/share": share})["id"]
        for share, path in enumerate(paths)
    }
    entries = [{"payload": {"share": number % SHARE}} for number in range(EVENTS)]
    requests = [entries[start : start + A_REQUEST] for start in range(0, EVENTS, A_REQUEST)]

    started = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        ids = [each for found in pool.map(customer.publish_all, requests) for each in found]
    accepted = {path: set(ids[share::SHARE]) for share, path in enumerate(paths)}

    def ended() -> dict[str, list[dict[str, Any]]] | None:
        time.sleep(3 + EVENTS / 500)  # looking costs the cloud what the workers need
        found = {path: customer.deliveries(endpoint_id=id) for path, id in made.items()}
        whole = all(len(rows) >= len(accepted[path]) for path, rows in found.items())
        over = all(each["status"] in ENDED for rows in found.values() for each in rows)
        return found if whole and over else None

    found = until("the end of all deliveries", ended, within=PATIENCE + EVENTS)
    seconds = time.monotonic() - started
    print(f"{EVENTS} deliveries: {len(server.received)} requests in {seconds:.0f} s")

    for path, rows in found.items():
        assert {each["event_id"] for each in rows} == accepted[path], path
    assert {each["status"] for path in ("/good", "/flaky", "/slow") for each in found[path]} == {
        "delivered"
    }
    assert {each["status"] for each in found["/broken"]} <= {"exhausted", "skipped"}
    for path in ("/good", "/flaky", "/slow"):
        assert {each.headers["webhook-id"] for each in server.at(path)} == accepted[path]
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


def failing_at_first(handler: receiver.Handler) -> None:
    """Fail the first attempt at events that ask for it.

    Where only one lane has such, with others between, no two failures come without a success in
    between: what the dead held comes back later than after the five days of this stack, after
    which an endpoint that does nothing but fail is disabled.
    """
    id = handler.headers["webhook-id"]
    first, *again = [each for each in handler.receiver.received if each.headers["webhook-id"] == id]
    fails = json.loads(first.body)["data"] == "fails" and not again
    receiver.answering(500 if fails else 200)(handler)


def test_an_endpoint_that_wants_order_gets_it_whatever_fails_or_dies(
    customer: Customer, stack: Stack, run: str
) -> None:
    customer.topic = f"ordered-{run}"
    customer.register(ordered=True)
    customer.server.behaviours["/hook"] = failing_at_first
    customer.create(ordered=True)
    ids = customer.publish_all(
        [{"key": "a", "payload": "fails"}, {"key": "b"}, {"key": "a"}, {"key": "b"}] * 3
    )
    got = customer.server.at
    until("the first ones", lambda: len(got("/hook")) > 2 or None, within=PATIENCE)
    kill(stack, "DeliverWebhookFunction")

    for id in ids:
        customer.delivery(id, "delivered")

    came = [each.headers["webhook-id"] for each in got("/hook")]
    for of_key in (ids[::2], ids[1::2]):
        places = [of_key.index(id) for id in came if id in of_key]
        assert places == sorted(places)
        assert set(places) == set(range(6))


def test_one_that_hangs_leaves_workers_to_the_others(customer: Customer, run: str) -> None:
    hanging = Hanging()
    customer.server.behaviours["/hanging"] = hanging
    customer.create("/hanging")
    customer.create("/good", types=[f"good.{run}"])

    customer.publish_all([{}] * 15)
    for id in customer.publish_all([{"type": f"good.{run}"}] * 10):
        customer.delivery(id, "delivered")

    at = customer.server.at
    until("some more", lambda: len(at("/hanging")) > 6 or None, within=PATIENCE)
    assert hanging.most <= 3


class Hanging:
    """Hang until the caller hangs up, and count how many hang at once."""

    def __init__(self) -> None:
        self.now = self.most = 0
        self._lock = threading.Lock()

    def __call__(self, handler: receiver.Handler) -> None:
        self._count(1)
        with contextlib.suppress(OSError):
            handler.connection.recv(1)
        self._count(-1)
        handler.close_connection = True

    def _count(self, step: int) -> None:
        with self._lock:
            self.now += step
            self.most = max(self.most, self.now)
