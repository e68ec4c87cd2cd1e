"""Sign as Standard Webhooks 1.0 says: `v1`, HMAC-SHA256 over id, time and the body's bytes.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import hmac
import os
from collections.abc import Iterable

_PREFIX = "whsec_"
_SECRET_BYTES = 32  # 24 to 64 may be


def new_secret() -> str:
    """Make a secret."""
    return _PREFIX + base64.b64encode(os.urandom(_SECRET_BYTES)).decode()


def headers(id: str, body: bytes, secrets: Iterable[str], *, now: int) -> dict[str, str]:
    """Make the three headers; each secret signs, so that a receiver may know either."""
    return {
        "webhook-id": id,
        "webhook-timestamp": str(now),
        "webhook-signature": " ".join(_signature(f"{id}.{now}.", body, each) for each in secrets),
    }


def _signature(head: str, body: bytes, secret: str) -> str:
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    return "v1," + base64.b64encode(hmac.digest(key, head.encode() + body, "sha256")).decode()
