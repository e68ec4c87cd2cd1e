"""What every provider's module gives back, and the rules that all of them share."""

import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import product

from interchange.errors import BadRequest, Unauthorized

TOLERANCE_SECONDS = 300

# An integer exactly: int() would also read signs, spaces, underscores and other scripts' digits.
_TIMESTAMP = re.compile(r"[1-9][0-9]{0,11}")


@dataclass(frozen=True, slots=True)
class Verified:
    """An authentic webhook: the provider's event id, which deduplicates, and its type."""

    event_id: str
    type: str


def require_fresh(timestamp: str, now: datetime) -> None:
    """Refuse a signed timestamp that is no integer, or off by over the tolerance either way."""
    if not _TIMESTAMP.fullmatch(timestamp):
        raise BadRequest("The signature's timestamp is malformed.", code="signature_malformed")
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE_SECONDS:
        raise Unauthorized("The signature is too old or too new.", code="signature_stale")


def require_match(expected: Iterable[bytes], given: Iterable[bytes]) -> None:
    """Refuse unless one of the given signatures is one of the expected, in constant time."""
    pairs = product(expected, given)
    if sum(hmac.compare_digest(one, other) for one, other in pairs) == 0:  # not any(): no early end
        raise Unauthorized("The signature does not match.", code="signature_invalid")


def id_or_digest(event_id: object, body: bytes) -> str:
    """Give the provider's id, or the body's SHA-256 where the provider sent none."""
    if isinstance(event_id, str) and event_id:
        return event_id
    return hashlib.sha256(body).hexdigest()
