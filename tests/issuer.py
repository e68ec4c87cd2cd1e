"""An issuer of tokens: real keys, what it says of itself over HTTP, and tokens good and bad."""

import json
import time
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from tests.architecture import Json
from tests.receiver import Receiver, answering

AUDIENCE = "https://interchange.example.com"

type Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | Ed25519PrivateKey


@cache
def rsa_key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    """Make an RSA key, each name's once: it takes a while."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


@cache
def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@cache
def ed_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


def algorithm(key: Key) -> str:
    match key:
        case rsa.RSAPrivateKey():
            return "RS256"
        case ec.EllipticCurvePrivateKey():
            return "ES256"
    return "EdDSA"


def jwk(kid: str, key: Key) -> Json:
    """Write a public key as the issuer publishes it."""
    match key:
        case rsa.RSAPrivateKey():
            found = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
        case ec.EllipticCurvePrivateKey():
            found = ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
        case _:
            found = OKPAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {**found, "kid": kid, "use": "sig"}


def usual_keys() -> dict[str, Key]:
    """Give one key of each kind that is taken."""
    return {"rsa": rsa_key("rsa"), "ec": ec_key(), "ed": ed_key()}


class Issuer:
    """The issuer, for as long as the block lasts; `keys` are those that it publishes."""

    def __init__(self) -> None:
        self.server = Receiver()
        self.url = self.server.url().removesuffix("/")
        self.keys = usual_keys()

    def __enter__(self) -> "Issuer":
        self.server.__enter__()
        self.publish()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.__exit__()

    def publish(self, *more: Json, **said: Any) -> None:
        """Serve the discovery document, and the keys with some more."""
        document = {"issuer": self.url, "jwks_uri": f"{self.url}/keys", **said}
        keys = [*(jwk(kid, key) for kid, key in self.keys.items()), *more]
        self.serve("/.well-known/openid-configuration", document)
        self.serve("/keys", {"keys": keys})

    def serve(self, path: str, body: Any, status: int = 200) -> None:
        """Answer with JSON from now on."""
        self.server.behaviours[path] = answering(status, body=json.dumps(body).encode())

    def claims(self, **claims: Any) -> Json:
        """Give the claims of a good token, but for these; None leaves one out."""
        now = int(time.time())
        usual = {"iss": self.url, "sub": "caller-7", "aud": AUDIENCE, "iat": now, "exp": now + 300}
        found = usual | {"scope": "openid tasks:read"} | claims
        return {name: value for name, value in found.items() if value is not None}

    def token(
        self,
        kid: str = "rsa",
        *,
        headers: Json | None = None,
        key: Key | None = None,
        **claims: Any,
    ) -> str:
        """Sign a token, a good one unless something else is said."""
        signer = key or self.keys[kid]
        named = {"kid": kid, **(headers or {})}
        return jwt.encode(self.claims(**claims), signer, algorithm(signer), headers=named)

    @property
    def variables(self) -> dict[str, str]:
        """Give the environment of a function that trusts this issuer."""
        return {
            "JWT_ISSUER": self.url,
            "JWT_AUDIENCE": AUDIENCE,
            "JWT_JWKS_URL": "",
            "JWT_SCOPE_PREFIX": "",
            "JWT_ALLOW_LOCAL": "true",
        }
