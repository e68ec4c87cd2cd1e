"""Stripe: `Stripe-Signature: t=<seconds>,v1=<hex>[,v1=<hex>…]` over `{t}.{raw body}`.

Snapshot and thin events alike: both have an id and a type.
https://docs.stripe.com/webhooks#verify-manually
"""

from webhook.providers.contract import Incoming, Source, Verified
from webhook.providers.verified import (
    as_bytes,
    fields_of,
    hexadecimal,
    malformed,
    named,
    require_fresh,
    require_match,
    required,
)


def verify(incoming: Incoming, source: Source) -> Verified:
    """Prove that Stripe signed exactly these bytes within the tolerance, then name the event.

    The whole secret is the key, `whsec_` included. Only the scheme `v1` counts: `v0` is for tests.
    """
    body = incoming.body
    timestamp, given = _signatures(required(incoming.headers, "stripe-signature"))
    require_fresh(timestamp, incoming.now)
    signed = timestamp.encode() + b"." + body
    require_match([hexadecimal(each, signed) for each in source.secrets], given)
    fields = fields_of(body)
    return named("stripe", fields.get("id"), fields.get("type"), body)


def _signatures(header: str) -> tuple[str, list[bytes]]:
    pairs = [part.partition("=")[::2] for part in header.split(",")]
    timestamps = [value for name, value in pairs if name == "t"]
    signatures = [as_bytes(value) for name, value in pairs if name == "v1"]
    if len(timestamps) != 1 or not signatures:
        raise malformed()
    return timestamps[0], signatures
