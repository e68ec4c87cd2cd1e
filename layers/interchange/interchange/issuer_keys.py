"""An issuer's public keys, fetched over https (RFC 7517) and kept by each environment.

What tokens say can make us ask the issuer once a minute, no more. While it does not answer, the
keys that we have stay good.
"""

import json
import math
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from jwt import PyJWK
from jwt.exceptions import PyJWTError

from interchange import downloads
from interchange.errors import Unavailable
from interchange.observability import count, logger
from interchange.outbound import Failed, Forbidden

# By a key's type and curve. None takes a shared secret: with HS256, the public key itself would be
# one (RFC 8725, 3.1).
_ALGORITHMS = {("RSA", ""): "RS256", ("EC", "P-256"): "ES256", ("OKP", "Ed25519"): "EdDSA"}
ALGORITHMS = tuple(_ALGORITHMS.values())

FRESH_SECONDS = 3600.0  # for so long a key that the issuer has withdrawn may still be good here
PAUSE_SECONDS = 60.0
PAUSE_WITHOUT_KEYS_SECONDS = 5.0

_TIMEOUT_SECONDS = 2.0  # twice, at most: the function has ten
_LARGEST = 262_144  # Entra's are 20 kB

type Keys = Mapping[str, PyJWK]


class Unusable(Exception):
    """The issuer answered something else than its keys; `kind` says what."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class KeyRing:
    """The keys of one issuer; times are those of a clock that never goes back."""

    def __init__(self, load: Callable[[], Keys]) -> None:
        self._load = load
        self._keys: Keys = {}
        self._loaded = self._asked = -math.inf

    def find(self, kid: str, *, now: float) -> PyJWK | None:
        """Give the key of this name, None where the issuer has none; Unavailable without any."""
        if kid not in self._keys or now - self._loaded >= FRESH_SECONDS:
            self._ask(now)
        if not self._keys:
            raise Unavailable(
                "The keys that tokens are proven by cannot be had; send the same request again.",
                code="token_keys_unavailable",
                headers={"Retry-After": str(round(PAUSE_WITHOUT_KEYS_SECONDS))},
            )
        return self._keys.get(kid)

    def _ask(self, now: float) -> None:
        if now - self._asked < (PAUSE_SECONDS if self._keys else PAUSE_WITHOUT_KEYS_SECONDS):
            return
        self._asked = now
        try:
            self._keys, self._loaded = self._load(), now
        except (Failed, Forbidden, Unusable) as error:
            count("IssuerKeysMissed")
            logger.warning("Issuer's keys not fetched", reason=error.kind)


def load(issuer: str, jwks_url: str, *, allow_local: bool) -> Keys:
    """Fetch the keys, from where the issuer says they are (OpenID Connect Discovery 1.0)."""
    url = jwks_url or _discovered(issuer, allow_local=allow_local)
    found = _fetch(url, allow_local=allow_local).get("keys")
    keys = {each["kid"]: key for each in _objects(found) if (key := _key(each)) is not None}
    if not keys:
        raise Unusable("no_keys")
    return keys


def _discovered(issuer: str, *, allow_local: bool) -> str:
    url = f"{issuer.removesuffix('/')}/.well-known/openid-configuration"
    found = _fetch(url, allow_local=allow_local)
    if found.get("issuer") != issuer:
        raise Unusable("other_issuer")
    return str(found.get("jwks_uri"))


def _fetch(url: str, *, allow_local: bool) -> dict[str, Any]:
    """Get a JSON object."""
    asked = {"Accept": "application/json"}
    with downloads.get(url, asked, allow_local=allow_local, timeout=_TIMEOUT_SECONDS) as download:
        if download.status != HTTPStatus.OK:
            raise Unusable(f"status_{download.status}")
        raw = bytearray()
        for block in download.blocks:
            raw += block
            if len(raw) > _LARGEST:
                raise Unusable("too_large")
    return _object(bytes(raw))


def _object(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        raise Unusable("not_json") from None
    if not isinstance(found, dict):
        raise Unusable("not_an_object")
    return found


def _objects(found: Any) -> list[dict[str, Any]]:
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _key(given: dict[str, Any]) -> PyJWK | None:
    """Read a key; None for one that signs no token of ours."""
    algorithm = _ALGORITHMS.get((str(given.get("kty")), str(given.get("crv", ""))))
    ours = algorithm and given.get("alg", algorithm) == algorithm
    if not ours or not isinstance(given.get("kid"), str) or given.get("use", "sig") != "sig":
        return None
    try:
        return PyJWK(given, algorithm)
    except (PyJWTError, AttributeError, TypeError, ValueError):
        return None
