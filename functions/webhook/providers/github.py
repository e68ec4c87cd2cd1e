"""GitHub: `X-Hub-Signature-256: sha256=<hex>` over the raw body, JSON or form alike.

There is no timestamp; the delivery's GUID, the same when it is sent again, deduplicates.
https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
"""

from webhook.providers.contract import Incoming, Source, Verified
from webhook.providers.verified import (
    as_bytes,
    hexadecimal,
    malformed,
    named,
    require_match,
    required,
)

HEADERS = ("x-github-event", "x-github-delivery", "x-github-hook-id")


def verify(incoming: Incoming, source: Source) -> Verified:
    """Prove that GitHub signed exactly these bytes, then name the event by its headers."""
    prefix, _, digest = required(incoming.headers, "x-hub-signature-256").partition("=")
    if prefix != "sha256":
        raise malformed()
    expected = [hexadecimal(each, incoming.body) for each in source.secrets]
    require_match(expected, [as_bytes(digest)])
    event_id, type = (incoming.headers.get(f"x-github-{each}") for each in ("delivery", "event"))
    return named("github", event_id, type, incoming.body)
