"""Events over SNS's limit travel by claim check: the text waits in a bucket, its key travels.

Subscribers see neither (`interchange.subscribers`). A publisher's own `dataref` is not this: it is
an extension like any other, and passes on.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from interchange import payloads
from interchange.envelope import Event

# SNS and SQS take 262,144 bytes, the message attributes included.
LARGEST_MESSAGE = 250_000

_PREFIX = "events/"
_MARK = "claim_check"


def message(event: Event, text: str) -> str:
    """Give what travels for an event: its text, or the claim check of the text, put before."""
    raw = text.encode()
    if len(raw) <= LARGEST_MESSAGE:
        return text
    key = f"{_PREFIX}{event.log_id}/{hashlib.sha256(raw).hexdigest()[:32]}"
    payloads.put(key, raw)
    return json.dumps({_MARK: key, "correlationid": event.trace.correlation_id})


def again(event: Event, key: str) -> str:
    """Give what travels for a replayed event whose text waits as it was put: the same key."""
    sent = {"correlationid": event.trace.correlation_id, "replayid": event.replay}
    return json.dumps({_MARK: key, **sent})


def key_of(body: Mapping[str, Any]) -> str | None:
    """Give the key in a claim check; None for an event, which always has a specversion."""
    key = body.get(_MARK)
    ours = isinstance(key, str) and key.startswith(_PREFIX) and "specversion" not in body
    return key if ours else None
