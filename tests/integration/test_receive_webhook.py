"""Receiving webhooks."""

import base64
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stripe import WebhookSignature

from interchange import aws, items
from tests.answers import body_of, refusal
from tests.architecture import Json, parameters
from tests.aws_events import request
from tests.faults import ProcessDied, calls_counted, death_after_call, refusing
from tests.moto_cloud import Cloud
from tests.signers import SOURCES, new_id
from tests.signers import signed as signed_by
from webhook.providers.contract import FORM, JSON
from webhook.receiving import sources

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
    """Sources of every provider, and none remembered from another test."""
    monkeypatch.setattr(sources, "_kept", {})
    configure(cloud, SOURCES | {"stripe": source(), "shop": source(topic="user-events")})


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
    ("forged", "refused"),
    [
        (lambda: "", (400, "signature_malformed")),
        (lambda: "t=1,v1=00", (401, "signature_stale")),
        (lambda: signed(secret=NEXT), (401, "signature_invalid")),
        (lambda: signed(b"{}"), (401, "signature_invalid")),
    ],
)
def test_a_forgery_leaves_no_row(
    cloud: Cloud, forged: Callable[[], str], refused: tuple[int, str]
) -> None:
    assert refusal(call(cloud, header=forged())) == refused
    assert rows(cloud) == []


def test_a_forgery_of_a_known_webhook_is_no_duplicate(cloud: Cloud) -> None:
    call(cloud)

    assert refusal(call(cloud, header=signed(secret=NEXT)))[0] == 401


@pytest.mark.parametrize("name", ["nobody", "Stripe", "", "../stripe", "__class__"])
def test_an_unknown_source_is_not_found(cloud: Cloud, name: str) -> None:
    assert refusal(call(cloud, source=name)) == (404, "source_not_found")


def test_a_webhook_must_be_of_a_media_type_and_a_size_that_its_provider_sends(cloud: Cloud) -> None:
    event = request(body=b"a=1", headers={"Content-Type": "application/x-www-form-urlencoded"})

    assert refusal(cloud.invoke("ReceiveWebhookFunction", event))[0] == 415
    assert refusal(call(cloud, b"x" * 4_500_001)) == (413, "content_too_large")


def sent(cloud: Cloud, name: str, body: bytes = BODY, media: str = JSON) -> Json:
    """Call as a provider does, with a new id."""
    made = signed_by(name, body, id=new_id(), at=datetime.now(UTC), media=media)
    event = request("POST", "/webhooks/{source}", body=body, headers=made.headers, source=name)
    event["multiValueQueryStringParameters"] = {key: [value] for key, value in made.query.items()}
    answer: Json = cloud.invoke("ReceiveWebhookFunction", event)
    return answer


@pytest.mark.parametrize("name", sorted(SOURCES.keys() - {"stripe"}))
def test_every_providers_webhooks_are_kept_without_their_signatures(
    cloud: Cloud, name: str
) -> None:
    assert sent(cloud, name)["statusCode"] == 202

    (row,) = rows(cloud)
    assert (row["body"], row["source"], row["media"]) == (BODY, name, JSON)
    assert row["headers"]["content-type"] == JSON
    assert not [each for each in row["headers"] if "signature" in each or "hmac" in each]


def test_a_form_of_github_is_kept_as_sent(cloud: Cloud) -> None:
    assert sent(cloud, "github", b"payload=%7B%7D", FORM)["statusCode"] == 202

    (row,) = rows(cloud)
    assert (row["body"], row["media"]) == (b"payload=%7B%7D", FORM)


@pytest.mark.parametrize("media", ["text/csv", "", "\ud800", "x" * 500, "application/xml; a=b"])
def test_a_generic_sender_may_send_anything(cloud: Cloud, media: str) -> None:
    assert sent(cloud, "acme", b"\xff\0", media)["statusCode"] == 202

    (row,) = rows(cloud)
    assert row["media"] in ("text/csv", "application/xml", "application/octet-stream")


def test_slacks_handshake_is_answered_and_not_kept(cloud: Cloud) -> None:
    answer = sent(cloud, "slack", b'{"type":"url_verification","challenge":"3eZbrw1aB"}')

    assert answer["statusCode"] == 200
    assert body_of(answer) == {"challenge": "3eZbrw1aB"}
    assert rows(cloud) == []


@pytest.mark.parametrize(("name", "heard"), [("slack", ""), ("twilio", "<Response/>")])
def test_where_a_person_waits_the_provider_hears_its_own_words(
    cloud: Cloud, name: str, heard: str
) -> None:
    answer = sent(cloud, name, b"Body=hello&command=x", FORM)

    assert answer["statusCode"] == 200
    assert answer["body"].endswith(heard)
    assert answer["headers"]["Content-Type"] in ("text/plain", "text/xml")
    assert len(rows(cloud)) == 1


def objects(cloud: Cloud, id: str) -> list[str]:
    """Name the objects of a webhook."""
    bucket = cloud.name("PayloadsBucket")
    found = aws.s3().list_objects_v2(Bucket=bucket, Prefix=f"webhooks/{id}/")
    return [each["Key"] for each in found.get("Contents", [])]


LARGE = b'{"id": "evt_large", "text": "' + b"x" * 4_000_000 + b'"}'


def test_a_large_body_waits_in_the_bucket_under_a_key_that_its_duplicates_share(
    cloud: Cloud,
) -> None:
    assert call(cloud, LARGE)["statusCode"] == 202
    assert call(cloud, LARGE)["statusCode"] == 200

    (row,) = rows(cloud)
    assert objects(cloud, row["id"]) == [row["body_key"]]
    assert "body" not in row
    found = aws.s3().get_object(Bucket=cloud.name("PayloadsBucket"), Key=row["body_key"])
    assert found["Body"].read() == LARGE


def test_a_death_between_the_body_and_the_row_loses_and_doubles_nothing(cloud: Cloud) -> None:
    call(cloud)  # so that the sources are read
    with death_after_call(1), pytest.raises(ProcessDied):
        call(cloud, LARGE)

    assert call(cloud, LARGE)["statusCode"] == 202
    assert call(cloud, LARGE)["statusCode"] == 200
    assert len(rows(cloud)) == 2


def test_another_body_under_the_same_id_does_not_take_the_place_of_the_first(cloud: Cloud) -> None:
    call(cloud, LARGE)
    assert call(cloud, LARGE.replace(b"x", b"y"))["statusCode"] == 200

    (row,) = rows(cloud)
    found = aws.s3().get_object(Bucket=cloud.name("PayloadsBucket"), Key=row["body_key"])
    assert found["Body"].read() == LARGE


def test_refusals_are_counted_by_reason(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    call(cloud, header="t=1,v1=00")
    call(cloud, source="nobody")

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    counted = [each for each in lines if "WebhookRefused" in each]
    assert [each.get("source") for each in lines if each.get("code")] == ["stripe", None]
    assert [each["WebhookRefused"] for each in counted] == [1, 1]
    assert counted[0]["WebhookRefusedSignatureStale"] == 1
    assert counted[1]["WebhookRefusedSourceNotFound"] == 1


WRONG = [
    {},
    {"provider": "stripe", "topic": "t"},
    {"provider": "stripe", "topic": "t", "secrets": []},
    {"provider": "stripe", "topic": "t", "secrets": [""]},
    {"provider": "nobody", "topic": "t", "secrets": [SECRET]},
    {"provider": "stripe", "topic": "Not A Topic", "secrets": [SECRET]},
    {"provider": "stripe", "topic": "t", "secrets": [SECRET], "url": "https://a.example.com"},
    {"provider": "twilio", "topic": "t", "secrets": [SECRET]},
    {"provider": "generic", "topic": "t", "secrets": [SECRET], "header": "no header"},
    {"provider": "standard_webhooks", "topic": "t", "secrets": ["whsec_%"]},
    [],
    None,
]


@pytest.mark.parametrize("wrong", WRONG)
def test_a_misconfigured_source_asks_to_be_called_again_and_the_others_go_on(
    cloud: Cloud, wrong: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(cloud, {"stripe": source(), "broken": wrong})

    answer = call(cloud, source="broken")

    assert refusal(answer) == (503, "source_misconfigured")
    assert answer["headers"]["Retry-After"] == "60"
    assert call(cloud, source="stripe")["statusCode"] == 202
    said = capsys.readouterr().out
    assert "WebhookRefusedSourceMisconfigured" in said
    assert SECRET not in said


@pytest.mark.parametrize("text", ["", "not JSON", "[]", '"x"', "[" * 100_000])
def test_a_secret_that_is_no_configuration_misconfigures_all(cloud: Cloud, text: str) -> None:
    secret = cloud.name("WebhookSourcesSecret")
    aws.secretsmanager().put_secret_value(SecretId=secret, SecretString=text or " ")

    assert refusal(call(cloud)) == (503, "source_misconfigured")


def test_while_the_secret_cannot_be_read_the_last_one_serves(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "_FRESH_SECONDS", -1)
    with refusing("secretsmanager", "GetSecretValue", "InternalServiceError", 500):
        assert refusal(call(cloud)) == (503, "unavailable")
    call(cloud)

    with refusing("secretsmanager", "GetSecretValue", "InternalServiceError", 500):
        assert call(cloud)["statusCode"] == 200


HEADERS = st.sampled_from(["Stripe-Signature", "X-Signature", "webhook-id"]) | st.text()
HOSTILE = st.fixed_dictionaries(
    {
        "pathParameters": st.builds(
            lambda name: {"source": name}, st.sampled_from(sorted(SOURCES)) | st.text()
        ),
        "headers": st.builds(
            lambda media, others: others | {"Content-Type": media},
            st.sampled_from([JSON, FORM]) | st.text(),
            st.dictionaries(HEADERS, st.text()),
        ),
        "body": st.binary().map(lambda raw: base64.b64encode(raw).decode()) | st.none(),
        "multiValueQueryStringParameters": st.none()
        | st.dictionaries(st.text(), st.lists(st.text(), min_size=1)),
    }
)


@given(hostile=HOSTILE)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_sent_is_refused_and_never_our_fault(cloud: Cloud, hostile: Json) -> None:
    event = request("POST", "/webhooks/{source}", body=b"") | hostile

    answer = cloud.invoke("ReceiveWebhookFunction", event)

    assert answer["statusCode"] in (400, 401, 404, 415)
    assert rows(cloud) == []


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
