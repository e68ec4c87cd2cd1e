"""The rules that all providers' modules share."""

import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from interchange.errors import BadRequest, Unauthorized
from webhook.providers.contract import Verified

TOLERANCE_SECONDS = 300

# An integer exactly: int() would also read signs, spaces, underscores and other scripts' digits.
_TIMESTAMP = re.compile(r"[1-9][0-9]{0,11}")
_EVENT_ID = re.compile(r"[!-~]{1,256}")
_TYPE = re.compile(r"[a-z0-9_.-]{1,100}")


def required(headers: Mapping[str, str], name: str) -> str:
    """Give the header that the proof is in; Unauthorized where there is none."""
    found = headers.get(name)
    if found is None:
        raise Unauthorized("A header of the signature is missing.", code="signature_missing")
    return found


def malformed() -> BadRequest:
    """Make the refusal of a header that is not written as its provider writes it."""
    return BadRequest("A header of the signature is malformed.", code="signature_malformed")


def require_fresh(timestamp: str, now: datetime) -> None:
    """Refuse a signed timestamp that is no integer, or off by over the tolerance either way."""
    if not _TIMESTAMP.fullmatch(timestamp):
        raise BadRequest("The signature's timestamp is malformed.", code="signature_malformed")
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE_SECONDS:
        raise Unauthorized("The signature is too old or too new.", code="signature_stale")


def require_match(expected: Iterable[bytes], given: Iterable[bytes]) -> None:
    """Refuse unless one of the given signatures is one of the expected, in constant time."""
    given, found = list(given), False
    for one in expected:
        for other in given:
            found |= hmac.compare_digest(one, other)  # to the end: no early answer
    if not found:
        raise mismatch()


def mismatch() -> Unauthorized:
    """Make the refusal of a signature that proves nothing."""
    return Unauthorized("The signature does not match.", code="signature_invalid")


def as_bytes(given: str) -> bytes:
    """Give a header's text as bytes to compare; what no signature has becomes a question mark."""
    return given.encode("ascii", errors="replace")


def hexadecimal(secret: str, signed: bytes) -> bytes:
    """Give the HMAC-SHA256 in lower-case hex."""
    return hmac.digest(secret.encode(), signed, "sha256").hex().encode()


def fields_of(body: bytes) -> dict[str, Any]:
    """Read an authentic body for its names; {} for one that cannot be read, which is kept too.

    Plain json: which of two equal names counts matters to nobody here, and it is twice as fast.
    """
    try:
        found = json.loads(body.decode())
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def named(provider: str, event_id: object, type: object, body: bytes) -> Verified:
    """Name an authentic webhook; by its body's SHA-256 where its provider gave no id."""
    known = isinstance(type, str) and _TYPE.fullmatch(type)
    return Verified(
        event_id=id_or_digest(event_id, body), type=f"{provider}.{type if known else 'unknown'}"
    )


def id_or_digest(event_id: object, body: bytes) -> str:
    """Give the provider's id, or the body's SHA-256 where the provider sent none."""
    if isinstance(event_id, str) and _EVENT_ID.fullmatch(event_id):
        return event_id
    return hashlib.sha256(body).hexdigest()
