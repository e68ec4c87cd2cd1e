"""The row of a received webhook: the same for whatever comes again."""

import hashlib
from collections.abc import Mapping
from datetime import timedelta

from interchange import clock, ids
from interchange.store import Item
from interchange.trace import Trace
from webhook.providers import PROVIDERS
from webhook.providers.contract import Incoming, Source, Verified
from webhook.receiving import listing
from webhook.receiving.bodies import LARGEST_IN_ROW

LONGEST_HEADER = 1_000

_PREFIX = "webhooks/"


def row(
    source: Source, incoming: Incoming, verified: Verified, *, retention_days: int, trace: Trace
) -> Item:
    """Make the row; the same source and event id give the same key."""
    now = incoming.now
    id = ids.derived("rcv", source.name, verified.event_id)
    return {
        "id": id,
        "event_id": ids.derived("evt", source.name, verified.event_id),
        "source": source.name,
        "source_type": listing.source_type(source.name, verified.type),
        "topic": source.topic,
        "type": verified.type,
        "media": incoming.media,
        "headers": _headers(source, incoming.headers),
        "size": len(incoming.body),
        **_body(id, incoming.body),
        "received_at": clock.rfc3339(now),
        "expires_epoch": int((now + timedelta(days=retention_days)).timestamp()),
        "version": 1,
        **trace._asdict(),
    }


def _body(id: str, body: bytes) -> Item:
    if len(body) <= LARGEST_IN_ROW:
        return {"body": body}
    # With its digest: another body of the same id must not take the place of the first.
    return {"body_key": f"{_PREFIX}{id}/{hashlib.sha256(body).hexdigest()[:32]}"}


def _headers(source: Source, headers: Mapping[str, str]) -> Item:
    """Give the headers that matter, cut to a length; what proves the sender is not among them."""
    named = (value for option, value in source.options.items() if option.endswith("_header"))
    wanted = {"content-type", *PROVIDERS[source.provider].headers, *map(str.lower, named)}
    return {name: _storable(headers[name]) for name in sorted(wanted & headers.keys())}


def _storable(value: str) -> str:
    return value[:LONGEST_HEADER].encode(errors="replace").decode()
