"""Standard Webhooks 1.0: `webhook-signature: <version>,<base64> …` over `{id}.{timestamp}.{body}`.

`v1` is HMAC-SHA256 under a secret `whsec_…`, `v1a` Ed25519 under a public key `whpk_…`; Svix calls
the headers `svix-…`. https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import binascii
import hmac
import re
from collections.abc import Iterable, Sequence

from webhook.providers.contract import Incoming, Misconfigured, Source, Verified
from webhook.providers.verified import (
    as_bytes,
    fields_of,
    malformed,
    mismatch,
    named,
    require_fresh,
    required,
)

HEADERS = ("webhook-id", "webhook-timestamp", "svix-id", "svix-timestamp")
_ID = re.compile(r"[!-\-/-~]{1,256}")  # visible, and without a dot: those separate what is signed
_SECRET, _PUBLIC = "whsec_", "whpk_"
_SECRET_BYTES = range(16, 65)  # the specification says 24, its published examples have 18
_PUBLIC_BYTES = 32


def check(source: Source) -> None:
    """Refuse what is no secret `whsec_…` of 16 to 64 bytes, and no public key `whpk_…`."""
    for secret in source.secrets:
        prefix = secret[: secret.find("_") + 1]
        length = len(_key(secret))
        if prefix not in (_SECRET, _PUBLIC):
            raise Misconfigured("a secret begins with neither whsec_ nor whpk_")
        if prefix == _SECRET and length not in _SECRET_BYTES:
            raise Misconfigured("a secret whsec_ is not 16 to 64 bytes in base64")
        if prefix == _PUBLIC and length != _PUBLIC_BYTES:
            raise Misconfigured("a public key whpk_ is not 32 bytes in base64")


def verify(incoming: Incoming, source: Source) -> Verified:
    """Prove that a sender with one of the keys signed exactly these bytes within the tolerance."""
    headers, body = incoming.headers, incoming.body
    brand = "webhook" if "webhook-id" in headers else "svix"
    event_id, timestamp, signatures = (
        required(headers, f"{brand}-{name}") for name in ("id", "timestamp", "signature")
    )
    if not _ID.fullmatch(event_id):
        raise malformed()
    require_fresh(timestamp, incoming.now)
    signed = f"{event_id}.{timestamp}.".encode() + body
    given = [each.partition(",")[::2] for each in signatures.split(" ")]
    if not _proven(source.secrets, signed, given):
        raise mismatch()
    return named("standard_webhooks", event_id, fields_of(body).get("type"), body)


def _proven(secrets: Iterable[str], signed: bytes, given: Sequence[tuple[str, str]]) -> bool:
    """Try every key on every signature of its version; the others are skipped."""
    found = 0
    for secret in secrets:
        version, holds = ("v1", _holds_v1) if secret.startswith(_SECRET) else ("v1a", _holds_v1a)
        key = _key(secret)
        found += sum(holds(key, signed, text) for each, text in given if each == version)
    return found > 0


def _holds_v1(key: bytes, signed: bytes, signature: str) -> bool:
    expected = base64.b64encode(hmac.digest(key, signed, "sha256"))
    return hmac.compare_digest(expected, as_bytes(signature))


def _holds_v1a(key: bytes, signed: bytes, signature: str) -> bool:
    # Here, not above: only those who have a public key pay for its import.
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415

    try:
        Ed25519PublicKey.from_public_bytes(key).verify(_decoded(signature), signed)
    except InvalidSignature:
        return False
    return True


def _key(secret: str) -> bytes:
    return _decoded(secret.partition("_")[2])


def _decoded(text: str) -> bytes:
    """Read base64, padded or not; nothing where it is none."""
    raw = as_bytes(text).rstrip(b"=")
    try:
        return base64.b64decode(raw + b"=" * (-len(raw) % 4), validate=True)
    except binascii.Error:
        return b""
