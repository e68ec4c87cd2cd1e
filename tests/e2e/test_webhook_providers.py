"""Webhooks of every provider, over HTTP, signed by the providers' own packages."""

import base64
import contextlib
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from local.api import Answer, Api, until
from local.props import found_or_none
from local.stack import Stack
from tests import octokit
from tests.architecture import Json
from tests.e2e.faults import Proxy, intercepted, kill
from tests.e2e.spy import Spy
from tests.e2e.test_request_response import assert_problem
from tests.signers import SOURCES, new_id, signed
from webhook.providers.contract import FORM, JSON

FUNCTION = "ReceiveWebhookFunction"
BROKEN = {"provider": "standard_webhooks", "topic": "payment-events", "secrets": ["whsec_%"]}


def configure(stack: Stack, sources: Json) -> None:
    """Put sources beside those of the seed; a new process reads them at once."""
    client, secret = stack.client("secretsmanager"), stack.outputs["WebhookSourcesSecretArn"]
    seeded = json.loads(client.get_secret_value(SecretId=secret)["SecretString"])
    client.put_secret_value(SecretId=secret, SecretString=json.dumps(sources | seeded))
    kill(stack, FUNCTION)


@pytest.fixture(scope="session")
def received(stack: Stack) -> Proxy:
    """What stands between the receiver and DynamoDB; and a source of every provider."""
    configure(stack, SOURCES | {"broken": BROKEN})
    return intercepted(stack, FUNCTION, "DYNAMODB")


@pytest.fixture(autouse=True)
def _configured(received: Proxy) -> None:
    """Every test has the sources."""


def send(
    stack: Stack, name: str, body: bytes, *, media: str = JSON, id: str = "", **more: str
) -> Answer:
    """Call as the provider does: with its proof and no key."""
    made = signed(name, body, id=id or new_id(), at=datetime.now(UTC), media=media)
    query = "".join(f"?{key}={value}" for key, value in made.query.items())
    return Api(stack.base_url, "").call(
        "POST", f"/webhooks/{name}{query}", body, {**made.headers, **more}
    )


def body_of(run: str) -> bytes:
    return json.dumps({"id": f"evt_{run}", "type": "part.shipped", "n": 1.50}).encode()


def event_of(api: Api, answer: Answer) -> Json:
    path = f"/events/{answer.body['event_id']}"
    event: Json = until("the event in the log", lambda: found_or_none(api, path))
    return event


@pytest.mark.parametrize("name", sorted(SOURCES.keys() - {"stripe"}))
def test_what_a_providers_own_package_signs_becomes_an_event(
    stack: Stack, api: Api, run: str, name: str
) -> None:
    body, id = body_of(run), new_id()

    answer = send(stack, name, body, id=id)

    assert answer.status == 202
    assert event_of(api, answer)["data"] == json.loads(body)
    assert send(stack, name, body, id=id).body["status"] == "duplicate"
    assert_problem(forged(stack, name, body), 401, "signature_invalid")


def forged(stack: Stack, name: str, body: bytes) -> Answer:
    made = signed(name, body, id=new_id(), at=datetime.now(UTC))
    query = "".join(f"?{key}={value}" for key, value in made.query.items())
    path = f"/webhooks/{name}{query}"
    return Api(stack.base_url, "").call("POST", path, body + b" ", made.headers)


def test_what_came_in_is_listed_and_shown(stack: Stack, api: Api, run: str) -> None:
    body = body_of(run)
    kept = send(stack, "plain", body, **{"X-Other": "no"}).body

    listed = api.get("/webhooks/received?source=plain&type=generic.received").body["items"]
    shown = api.get(f"/webhooks/received/{kept['id']}").body

    assert listed[0] == {name: shown[name] for name in listed[0]}
    assert (shown["body"], shown["body_encoding"]) == (json.loads(body), "json")
    assert shown["headers"] == {"content-type": JSON}


def test_slacks_handshake_is_answered(stack: Stack) -> None:
    answer = send(stack, "slack", b'{"type":"url_verification","challenge":"3eZbrw1aB"}')

    assert (answer.status, answer.body) == (200, {"challenge": "3eZbrw1aB"})


@pytest.mark.parametrize(("name", "heard"), [("slack", ""), ("twilio", "<Response/>")])
def test_a_form_is_answered_in_the_providers_words(
    stack: Stack, api: Api, run: str, name: str, heard: str
) -> None:
    answer = send(stack, name, f"command=x&Body=%E2%82%AC+{run}".encode(), media=FORM)

    assert answer.status == 200
    assert str(answer.body or "").endswith(heard)
    newest = api.get(f"/webhooks/received?source={name}&page_size=1").body["items"][0]
    shown = api.get(f"/webhooks/received/{newest['id']}").body
    assert shown["body"] == f"command=x&Body=%E2%82%AC+{run}"


def test_a_replay_publishes_the_same_event_again(
    stack: Stack, api: Api, run: str, spy: Spy
) -> None:
    kept = send(stack, "acme", body_of(run)).body
    until("the event", lambda: spy.events(id=kept["event_id"]) or None)

    path = f"/webhooks/received/{kept['id']}/replays"
    replayed = api.call("POST", path, b"", {"Idempotency-Key": run})
    assert api.call("POST", path, b"", {"Idempotency-Key": run}).body == replayed.body

    assert replayed.status == 202
    two = until("it again", lambda: spy.events(id=kept["event_id"])[1:] or None)
    assert [each["replayid"] for each in two] == [replayed.body["replay_id"]]
    assert_problem(
        api.call("POST", "/webhooks/received/rcv_0/replays", b""), 404, "webhook_not_found"
    )


LARGE = 1_500_000


def large(run: str) -> bytes:
    return json.dumps({"id": f"evt_{run}", "text": "€" * (LARGE // 3)}, ensure_ascii=False).encode()


def test_a_large_body_passes_to_the_byte(stack: Stack, api: Api, run: str) -> None:
    body = large(run)

    answer = send(stack, "shopify", body)

    assert answer.status == 202
    shown = api.get(f"/webhooks/received/{answer.body['id']}").body
    assert base64.b64decode(shown["body"]) == body
    assert event_of(api, answer)["data"] == json.loads(body)


def test_a_death_between_the_body_and_the_row_makes_one_event(
    stack: Stack, api: Api, run: str, received: Proxy
) -> None:
    body, id = large(run), new_id()
    gate = received.hold(
        lambda operation, sent: operation.endswith("PutItem") and b"webhooks/" in sent
    )
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(send, stack, "shopify", body, id=id)
        assert gate.reached.wait(120)
        gate.drop = True
        assert kill(stack, FUNCTION)
        gate.opened.set()
        with contextlib.suppress(OSError):
            assert first.result().status >= 500

    answers = [send(stack, "shopify", body, id=id) for _ in range(2)]

    assert [each.status for each in answers] == [202, 200]
    event = event_of(api, answers[0])
    assert event["data"] == json.loads(body)


def test_a_misconfigured_source_is_told_to_come_back_and_harms_no_other(
    stack: Stack, run: str
) -> None:
    answer = Api(stack.base_url, "").call("POST", "/webhooks/broken", b"{}", {"Content-Type": JSON})

    assert_problem(answer, 503, "source_misconfigured")
    assert answer.headers["retry-after"] == "60"
    assert send(stack, "plain", body_of(run)).status == 202


@pytest.fixture(scope="module")
def payloads(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[bytes]]:
    """GitHub's own examples by event."""
    return octokit.payloads(tmp_path_factory.mktemp("octokit"))


def test_githubs_own_examples_are_accepted_to_the_byte(
    stack: Stack, api: Api, payloads: dict[str, list[bytes]]
) -> None:
    assert len(payloads) > 40

    for name, bodies in payloads.items():
        answer = send(stack, "github", bodies[0], **{"X-GitHub-Event": name})
        assert answer.status == 202, name
        shown = api.get(f"/webhooks/received/{answer.body['id']}")
        assert shown.body["type"] == f"github.{name}"
        assert shown.body["size"] == len(bodies[0])
        assert shown.body["body"] == json.loads(bodies[0])
