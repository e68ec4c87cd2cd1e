"""Stripe: `Stripe-Signature: t=<seconds>,v1=<hex>[,v1=<hex>…]` over `{t}.{raw body}`.

https://docs.stripe.com/webhooks#verify-manually
"""

import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from interchange import strict_json
from interchange.errors import BadRequest, Unauthorized
from webhook.providers.verified import Verified, id_or_digest, require_fresh, require_match

_TYPE = re.compile(r"[a-z0-9_.]{1,100}")


def verify(
    body: bytes, headers: Mapping[str, str], secrets: Sequence[str], now: datetime
) -> Verified:
    """Prove that Stripe signed exactly these bytes within the tolerance, then name the event.

    The whole secret is the key, `whsec_` included. Only the scheme `v1` counts: `v0` is for tests.
    """
    header = headers.get("stripe-signature")
    if header is None:
        raise Unauthorized("The Stripe-Signature header is missing.", code="signature_missing")
    timestamp, given = _signatures(header)
    require_fresh(timestamp, now)
    signed = timestamp.encode() + b"." + body
    expected = [
        hmac.digest(each.encode(), signed, "sha256").hex().encode() for each in secrets if each
    ]
    require_match(expected, given)
    return _named(body)


def _signatures(header: str) -> tuple[str, list[bytes]]:
    pairs = [part.partition("=")[::2] for part in header.split(",")]
    timestamps = [value for name, value in pairs if name == "t"]
    signatures = [value.encode(errors="replace") for name, value in pairs if name == "v1"]
    if len(timestamps) != 1 or not signatures:
        raise BadRequest("The Stripe-Signature header is malformed.", code="signature_malformed")
    return timestamps[0], signatures


def _named(body: bytes) -> Verified:
    """Name an authentic body; one that cannot be read is kept all the same, under its digest."""
    try:
        event = strict_json.loads(body)
    except BadRequest:
        event = None
    fields = event if isinstance(event, dict) else {}
    type = fields.get("type")
    return Verified(
        event_id=id_or_digest(fields.get("id"), body),
        type=f"stripe.{type}"
        if isinstance(type, str) and _TYPE.fullmatch(type)
        else "stripe.unknown",
    )
