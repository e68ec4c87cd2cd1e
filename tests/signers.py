"""The providers' own packages sign requests for ours; one source of each, as its operator names it.

Shopify publishes no package for Python: its rule stands here.
"""

import base64
import hmac
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import githubkit.webhooks
import standardwebhooks
import stripe
import svix.webhooks
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from slack_sdk.signature import Clock, SignatureVerifier
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from tests.architecture import Json
from webhook.providers.contract import FORM, JSON

SECRET = "a secret of tests"
WHSEC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
PUBLIC = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4="
PRIVATE = (
    "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg=="
)
TWILIO_URL = "https://hooks.example.com/webhooks/twilio?from=twilio"
TOPIC = "payment-events"


def source(provider: str, *secrets: str, **options: str) -> Json:
    """Name a source as its operator does."""
    return {"provider": provider, "topic": TOPIC, "secrets": list(secrets), **options}


SOURCES: dict[str, Json] = {
    "stripe": source("stripe", SECRET),
    "github": source("github", SECRET),
    "shopify": source("shopify", SECRET),
    "slack": source("slack", SECRET),
    "twilio": source("twilio", SECRET, url=TWILIO_URL),
    "standard": source("standard_webhooks", WHSEC),
    "svix": source("standard_webhooks", WHSEC),
    "asymmetric": source("standard_webhooks", PUBLIC),
    "acme": source(
        "generic",
        SECRET,
        header="X-Acme-Signature",
        algorithm="sha512",
        encoding="base64",
        prefix="v=",
        id_header="X-Acme-Id",
        type_header="X-Acme-Type",
    ),
    "plain": source("generic", SECRET, header="X-Signature"),
}


class Signed(NamedTuple):
    """What a provider sends."""

    body: bytes
    headers: Mapping[str, str]
    query: Mapping[str, str]

    @property
    def media(self) -> str:
        return self.headers["Content-Type"]


def signed(
    name: str, body: bytes, *, id: str, at: datetime, media: str = JSON, secret: str | None = None
) -> Signed:
    """Sign a body as the source's provider does."""
    secret = secret or SOURCES[name]["secrets"][0]
    headers, query = _SIGNERS[name](body, id, at, media, secret)
    return Signed(body, {"Content-Type": media} | headers, query)


type Proof = tuple[dict[str, str], dict[str, str]]


def _stripe(body: bytes, _: str, at: datetime, __: str, secret: str) -> Proof:
    header = stripe.WebhookSignature.generate_signature_header(
        body.decode(), secret, int(at.timestamp())
    )
    return {"Stripe-Signature": header}, {}


def _github(body: bytes, id: str, _: datetime, __: str, secret: str) -> Proof:
    digest = githubkit.webhooks.sign(secret, body)
    headers = {"X-GitHub-Event": "issues", "X-GitHub-Delivery": id}
    return headers | {"X-Hub-Signature-256": digest}, {}


def _shopify(body: bytes, id: str, _: datetime, __: str, secret: str) -> Proof:
    digest = base64.b64encode(hmac.digest(secret.encode(), body, "sha256")).decode()
    headers = {"X-Shopify-Topic": "orders/create", "X-Shopify-Webhook-Id": id}
    return headers | {"X-Shopify-Hmac-SHA256": digest}, {}


def _slack(body: bytes, _: str, at: datetime, __: str, secret: str) -> Proof:
    timestamp = str(int(at.timestamp()))
    digest = SignatureVerifier(secret, Clock()).generate_signature(timestamp=timestamp, body=body)
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": str(digest)}, {}


def _twilio(body: bytes, id: str, _: datetime, media: str, secret: str) -> Proof:
    validator = twilio_validator(secret)
    headers = {"I-Twilio-Idempotency-Token": id}
    if media == FORM:
        parameters = dict(parse_qsl(body.decode(), keep_blank_values=True))
        return headers | {
            "X-Twilio-Signature": validator.compute_signature(TWILIO_URL, parameters)
        }, {}
    digest = validator.compute_hash(body.decode())
    signature = validator.compute_signature(f"{TWILIO_URL}&bodySHA256={digest}", {})
    return headers | {"X-Twilio-Signature": signature}, {"bodySHA256": digest}


def _standard(body: bytes, id: str, at: datetime, _: str, secret: str) -> Proof:
    whole = at.astimezone(UTC)
    signature = standardwebhooks.Webhook(secret).sign(id, whole, body.decode())
    return _branded("webhook", id, at, signature), {}


def _svix(body: bytes, id: str, at: datetime, _: str, secret: str) -> Proof:
    signature = svix.webhooks.Webhook(secret).sign(id, at.astimezone(UTC), body.decode())
    return _branded("svix", id, at, signature), {}


def _asymmetric(body: bytes, id: str, at: datetime, _: str, __: str) -> Proof:
    seed = base64.b64decode(PRIVATE.removeprefix("whsk_"))[:32]
    content = f"{id}.{int(at.timestamp())}.".encode() + body
    signature = Ed25519PrivateKey.from_private_bytes(seed).sign(content)
    return _branded("webhook", id, at, f"v1a,{base64.b64encode(signature).decode()}"), {}


def _branded(brand: str, id: str, at: datetime, signature: str) -> dict[str, str]:
    return {
        f"{brand}-id": id,
        f"{brand}-timestamp": str(int(at.timestamp())),
        f"{brand}-signature": signature,
    }


def _acme(body: bytes, id: str, _: datetime, __: str, secret: str) -> Proof:
    digest = base64.b64encode(hmac.digest(secret.encode(), body, "sha512")).decode()
    headers = {"X-Acme-Id": id, "X-Acme-Type": "part.shipped"}
    return headers | {"X-Acme-Signature": f"v={digest}"}, {}


def _plain(body: bytes, _: str, __: datetime, ___: str, secret: str) -> Proof:
    return {"X-Signature": hmac.digest(secret.encode(), body, "sha256").hex().upper()}, {}


_SIGNERS: dict[str, Callable[[bytes, str, datetime, str, str], Proof]] = {
    "stripe": _stripe,
    "github": _github,
    "shopify": _shopify,
    "slack": _slack,
    "twilio": _twilio,
    "standard": _standard,
    "svix": _svix,
    "asymmetric": _asymmetric,
    "acme": _acme,
    "plain": _plain,
}


def twilio_validator(secret: str) -> Any:
    """Make Twilio's own judge, who signs, too."""
    return RequestValidator(secret)


def new_id() -> str:
    """Make an id as providers do."""
    return str(uuid.uuid4())
