"""Bearer tokens (RFC 6750): whether a caller may do this, as the template's issuer says it.

Imported only where the template names an issuer. Nothing of a token is ever logged.
"""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import jwt
from jwt.exceptions import ExpiredSignatureError, ImmatureSignatureError, PyJWTError

from interchange import config, http, issuer_keys, scopes
from interchange.errors import AccessDenied, Unauthorized
from interchange.issuer_keys import ALGORITHMS, KeyRing
from interchange.observability import logger

_LEEWAY_SECONDS = 60
_REQUIRED = ["exp", "iss", "sub"]
# A token made for something else says so in its `typ` (RFC 8725, 3.11); most issuers say JWT.
_TYPES = {"jwt", "at+jwt", "application/at+jwt"}
_REALM = 'Bearer realm="interchange"'

type Claims = Mapping[str, Any]


@dataclass(frozen=True)
class Trusted:
    """Whose tokens are good, as the template says it."""

    jwt_issuer: str
    jwt_audience: str
    jwt_jwks_url: str
    jwt_scope_prefix: str
    jwt_allow_local: str


def check(event: http.Event) -> None:
    """Pass who may do this; Unauthorized or AccessDenied for anybody else, but on open routes."""
    scope = scopes.needed(event["httpMethod"], event["resource"])
    if scope is None:
        return
    trusted = config.load(Trusted, os.environ)
    claims = _proven(_bearer(event), trusted)
    wanted = f"{trusted.jwt_scope_prefix}{scope}"
    if wanted not in granted(claims):
        challenge = f'{_REALM}, error="insufficient_scope", scope="{wanted}"'
        raise AccessDenied(
            f"This needs a token with the scope {wanted}.",
            code="insufficient_scope",
            headers={"WWW-Authenticate": challenge},
        )


def granted(claims: Claims) -> set[str]:
    """Name the scopes of a token: `scope` (RFC 8693), `scp` (Entra, Okta), an application's roles.

    Entra gives an application that acts for itself roles, and users may have roles that the
    application which acts for them was not granted: those of a user do not count.
    """
    for name in ("scope", "scp"):
        if name in claims:
            return _words(claims[name])
    return _words(claims.get("roles")) if claims.get("idtyp") == "app" else set()


def _words(given: Any) -> set[str]:
    if isinstance(given, str):
        return set(given.split(" ")) - {""}
    return {each for each in given if isinstance(each, str)} if isinstance(given, list) else set()


def _bearer(event: http.Event) -> str:
    """Give the token in the one Authorization header."""
    several = event.get("multiValueHeaders") or {}
    given = [
        each for name, all_ in several.items() if name.lower() == "authorization" for each in all_
    ]
    if len(given) > 1:
        raise _unproven("the header Authorization comes more than once")
    scheme, _, token = http.headers(event).get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthorized(
            "Send a token in the header Authorization, as Bearer.",
            code="token_missing",
            headers={"WWW-Authenticate": _REALM},
        )
    return token.strip(" ")


def _proven(token: str, trusted: Trusted) -> Claims:
    """Give the claims of a token that is the issuer's, for us, and of now."""
    try:
        return _claims(token, trusted)
    except ExpiredSignatureError:
        raise _unproven("it has expired") from None
    except ImmatureSignatureError:
        raise _unproven("it is not valid yet") from None
    except (PyJWTError, ValueError, RecursionError) as error:
        logger.info("Token refused", reason=type(error).__name__)
        raise _unproven("it is not one of the issuer's") from None


def _claims(token: str, trusted: Trusted) -> Claims:
    header = jwt.get_unverified_header(token)
    if header.get("alg") not in ALGORITHMS or str(header.get("typ", "JWT")).lower() not in _TYPES:
        raise _unproven("its algorithm or its type is none that is taken")
    if "kid" not in header:
        raise _unproven("it does not name its key")
    key = _ring(trusted).find(header["kid"], now=time.monotonic())
    if key is None:
        raise _unproven("its key is none of the issuer's")
    claims = jwt.decode(
        token,
        key,
        algorithms=ALGORITHMS,
        issuer=trusted.jwt_issuer,
        leeway=_LEEWAY_SECONDS,
        options={"require": _REQUIRED, "verify_aud": False, "enforce_minimum_key_length": True},
    )
    if not _audiences(claims) & set(trusted.jwt_audience.replace(",", " ").split()):
        raise _unproven("it is for another audience")
    return claims


def _audiences(claims: Claims) -> set[str]:
    """Name for whom a token is; Cognito's access tokens say only by which client."""
    given = claims["aud"] if "aud" in claims else claims.get("client_id")
    return {given} if isinstance(given, str) else _words(given)


@cache
def _ring(trusted: Trusted) -> KeyRing:
    allow_local = trusted.jwt_allow_local == "true"
    load = partial(issuer_keys.load, trusted.jwt_issuer, trusted.jwt_jwks_url)
    return KeyRing(partial(load, allow_local=allow_local))


def _unproven(reason: str) -> Unauthorized:
    challenge = f'{_REALM}, error="invalid_token", error_description="{reason}"'
    return Unauthorized(
        f"The token is refused: {reason}.",
        code="token_invalid",
        headers={"WWW-Authenticate": challenge},
    )
