"""Receiving webhooks."""

import json
import time
from typing import Any

import pytest
from stripe import WebhookSignature

from interchange import aws, items
from tests.answers import body_of, refusal
from tests.architecture import Json, parameters
from tests.aws_events import request
from tests.faults import calls_counted, refusing
from tests.moto_cloud import Cloud
from webhook import sources

SECRET, NEXT = "whsec_test_secret", "whsec_next_secret"
BODY = b'{"id": "evt_1", "type": "payment_intent.succeeded",\n "data": {"amount": 74900}}'
DAY = 24 * 3600


def source(*secrets: str, topic: str = "payment-events") -> Json:
    return {"provider": "stripe", "topic": topic, "secrets": secrets or [SECRET]}


def configure(cloud: Cloud, configured: Json) -> None:
    """Name the sources, as a person would in the console."""
    secret = cloud.name("WebhookSourcesSecret")
    aws.secretsmanager().put_secret_value(SecretId=secret, SecretString=json.dumps(configured))


@pytest.fixture(autouse=True)
def stripe_and_shop(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two sources, and none remembered from another test."""
    monkeypatch.setattr(sources, "_kept", {})
    configure(cloud, {"stripe": source(), "shop": source(topic="user-events")})


def signed(body: bytes = BODY, secret: str = SECRET) -> str:
    return str(WebhookSignature.generate_signature_header(body.decode(), secret))


def call(cloud: Cloud, body: bytes = BODY, header: str | None = None, **path: str) -> Json:
    """Call as a provider does, at its own route or by the name of its source."""
    route = "/webhooks/{source}" if path else "/stripe/payment-success"
    headers = {"Stripe-Signature": signed(body) if header is None else header}
    answer: Json = cloud.invoke(
        "ReceiveWebhookFunction", request("POST", route, body=body, headers=headers, **path)
    )
    return answer


def rows(cloud: Cloud) -> list[Json]:
    return list(map(items.unpack, cloud.rows("ReceivedTable")))


@pytest.mark.parametrize("path", [{}, {"source": "stripe"}])
def test_a_signed_webhook_is_kept_byte_by_byte_and_accepted(cloud: Cloud, path: Any) -> None:
    answer = call(cloud, **path)

    (row,) = rows(cloud)
    assert answer["statusCode"] == 202
    assert body_of(answer) == {
        "id": row["id"],
        "event_id": row["event_id"],
        "status": "accepted",
    }
    assert (row["body"], row["source"], row["topic"]) == (BODY, "stripe", "payment-events")
    assert row["type"] == "stripe.payment_intent.succeeded"


def test_a_webhook_is_kept_for_as_long_as_the_template_says(cloud: Cloud) -> None:
    call(cloud)

    kept = rows(cloud)[0]["expires_epoch"] - time.time()
    assert kept == pytest.approx(int(parameters()["RetentionDays"]) * DAY, abs=60)


def test_a_webhook_that_comes_again_is_a_duplicate_and_changes_nothing(cloud: Cloud) -> None:
    first = call(cloud)
    before = rows(cloud)

    again = call(cloud, BODY.replace(b"74900", b"1"))

    assert again["statusCode"] == 200
    assert body_of(again) == body_of(first) | {"status": "duplicate"}
    assert rows(cloud) == before


def test_two_sources_may_use_the_same_id(cloud: Cloud) -> None:
    assert call(cloud, source="stripe")["statusCode"] == 202
    assert call(cloud, source="shop")["statusCode"] == 202
    assert {row["topic"] for row in rows(cloud)} == {"payment-events", "user-events"}


@pytest.mark.parametrize(
    ("header", "refused"),
    [
        ("", (400, "signature_malformed")),
        ("t=1,v1=00", (401, "signature_stale")),
        (signed(secret=NEXT), (401, "signature_invalid")),
        (signed(b"{}"), (401, "signature_invalid")),
    ],
)
def test_a_forgery_leaves_no_row(cloud: Cloud, header: str, refused: tuple[int, str]) -> None:
    assert refusal(call(cloud, header=header)) == refused
    assert rows(cloud) == []


def test_a_forgery_of_a_known_webhook_is_no_duplicate(cloud: Cloud) -> None:
    call(cloud)

    assert refusal(call(cloud, header=signed(secret=NEXT)))[0] == 401


@pytest.mark.parametrize("name", ["nobody", "Stripe", "", "../stripe", "__class__"])
def test_an_unknown_source_is_not_found(cloud: Cloud, name: str) -> None:
    assert refusal(call(cloud, source=name)) == (404, "source_not_found")


def test_a_webhook_must_be_json_of_a_size_that_can_be_passed_on(cloud: Cloud) -> None:
    event = request(body=b"a=1", headers={"Content-Type": "application/x-www-form-urlencoded"})

    assert refusal(cloud.invoke("ReceiveWebhookFunction", event))[0] == 415
    assert refusal(call(cloud, b"x" * 180_001)) == (413, "content_too_large")


def test_an_authentic_webhook_that_cannot_be_read_is_kept(cloud: Cloud) -> None:
    assert call(cloud, b"not JSON")["statusCode"] == 202
    assert call(cloud, b"not JSON")["statusCode"] == 200
    assert [(row["type"], row["body"]) for row in rows(cloud)] == [("stripe.unknown", b"not JSON")]


def test_a_webhook_that_cannot_be_kept_is_not_acknowledged(cloud: Cloud) -> None:
    with refusing("dynamodb", "PutItem", "ThrottlingException"):
        assert refusal(call(cloud)) == (503, "unavailable")

    assert call(cloud)["statusCode"] == 202


def test_sources_are_read_once_a_minute_and_a_new_secret_is_then_taken(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    with calls_counted() as calls:
        call(cloud)
        configure(cloud, {"stripe": source(SECRET, NEXT)})
        assert refusal(call(cloud, header=signed(secret=NEXT)))[0] == 401

    assert calls.count("GetSecretValue") == 1
    monkeypatch.setattr(sources, "_FRESH_SECONDS", 0)
    assert call(cloud, header=signed(secret=NEXT))["statusCode"] == 200


def test_a_fault_names_no_secret(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    configure(cloud, {"stripe": {"secrets": [SECRET]}})

    answer = call(cloud)

    assert refusal(answer) == (500, "internal_error")
    assert SECRET not in str(answer) + "".join(capsys.readouterr())
