"""Shopify: `X-Shopify-Hmac-SHA256: <base64>` over the raw body.

https://shopify.dev/docs/apps/build/webhooks/subscribe/https
"""

import base64
import hmac

from webhook.providers.contract import Incoming, Source, Verified
from webhook.providers.verified import as_bytes, named, require_match, required

HEADERS = (
    "x-shopify-topic",
    "x-shopify-webhook-id",
    "x-shopify-event-id",
    "x-shopify-shop-domain",
    "x-shopify-api-version",
    "x-shopify-triggered-at",
)


def verify(incoming: Incoming, source: Source) -> Verified:
    """Prove that Shopify signed exactly these bytes, then name the event by its headers."""
    given = as_bytes(required(incoming.headers, "x-shopify-hmac-sha256"))
    macs = (hmac.digest(each.encode(), incoming.body, "sha256") for each in source.secrets)
    require_match(map(base64.b64encode, macs), [given])
    topic = incoming.headers.get("x-shopify-topic", "").replace("/", ".")
    return named("shopify", incoming.headers.get("x-shopify-webhook-id"), topic, incoming.body)
