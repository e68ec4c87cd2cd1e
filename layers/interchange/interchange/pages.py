"""Lists by pages: an authenticated token says where to go on, for this caller and these filters."""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from interchange import aws, config, http, store
from interchange.errors import BadRequest
from interchange.store import Item

DEFAULT_SIZE = 50
LARGEST_SIZE = 1000
LIFETIME = timedelta(hours=24)


@dataclass(frozen=True)
class Settings:
    """What the template gives every function that lists."""

    page_token_secret_arn: str


_WHOLE = re.compile(r"[0-9]{1,9}")

settings = config.reader(Settings)
_secrets: dict[str, bytes] = {}


@dataclass(frozen=True, slots=True)
class Asked:
    """The page that a request asks for; `scope` is what its tokens are bound to."""

    size: int
    after: Item | None
    scope: str


def asked(event: http.Event, *, now: datetime, **filters: str | None) -> Asked:
    """Read `page_size` (0: the default; over the largest: the largest) and `page_token`."""
    scope = json.dumps([http.caller(event), event["resource"], filters], sort_keys=True)
    token = http.query(event, "page_token")
    after = None if token is None else _opened(token, scope=scope, now=now)
    return Asked(_size(http.query(event, "page_size")), after, scope)


def newest(page: Asked, table: str, index: str, **key: str) -> store.Page:
    """Read the page of an index's partition that was asked for, the newest first."""
    where = " AND ".join(f"#{name} = :{name}" for name in key)
    return store.index_page(
        table, index, where, key, size=page.size, after=page.after, order="desc"
    )


def listed(
    items: Iterable[Any], last_key: Item | None, *, page: Asked, now: datetime
) -> dict[str, Any]:
    """Make a list's body; without `next_page_token` it is the end, and nothing else is."""
    body: dict[str, Any] = {"items": list(items)}
    if last_key is not None:
        body["next_page_token"] = _sealed(last_key, scope=page.scope, now=now)
    return body


def _size(text: str | None) -> int:
    if text is None or text == "0":
        return DEFAULT_SIZE
    if not _WHOLE.fullmatch(text):
        raise BadRequest("page_size is a whole number that is not negative.", code="bad_page_size")
    return min(int(text), LARGEST_SIZE) or DEFAULT_SIZE


def _sealed(key: Item, *, scope: str, now: datetime) -> str:
    payload = json.dumps([int((now + LIFETIME).timestamp()), key]).encode()
    return base64.urlsafe_b64encode(_mac(payload, scope) + payload).rstrip(b"=").decode()


def _opened(token: str, *, scope: str, now: datetime) -> Item:
    """Give the key inside; BadRequest for a token that is forged, foreign, cut or expired."""
    try:
        sealed = base64.b64decode(token + "=" * (-len(token) % 4), b"-_", validate=True)
    except ValueError:  # binascii.Error, or not ASCII
        sealed = b""
    mac, payload = sealed[:32], sealed[32:]
    if not hmac.compare_digest(mac, _mac(payload, scope)):
        detail = "page_token is not one that this list gave this caller for these filters."
        raise BadRequest(detail, code="bad_page_token")
    expires, key = json.loads(payload)
    if expires <= now.timestamp():
        raise BadRequest("page_token has expired; begin again.", code="bad_page_token")
    found: Item = key
    return found


def _mac(payload: bytes, scope: str) -> bytes:
    return hmac.digest(_secret(), hashlib.sha256(scope.encode()).digest() + payload, "sha256")


def _secret() -> bytes:
    """Read the signing secret once: it never changes, or all tokens would end."""
    arn = settings().page_token_secret_arn
    if arn not in _secrets:
        secret = aws.secretsmanager().get_secret_value(SecretId=arn)
        _secrets[arn] = secret["SecretString"].encode()
    return _secrets[arn]
