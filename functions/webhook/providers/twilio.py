"""Twilio: `X-Twilio-Signature: <base64>`, HMAC-SHA1 over the public URL and a form's parameters.

A JSON body is signed by its SHA-256 in the URL's `bodySHA256`, which Twilio adds to the URL that
it was given. Which URL that was, no request can say: the source's option `url` does.
https://www.twilio.com/docs/usage/security#validating-requests
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import parse_qs, urlsplit

from webhook.providers.contract import FORM, Incoming, Misconfigured, Reply, Source, Verified
from webhook.providers.verified import (
    as_bytes,
    fields_of,
    mismatch,
    named,
    require_match,
    required,
)

HEADERS = ("i-twilio-idempotency-token",)
_PORTS = {"https": 443, "http": 80}
_NO_ANSWER = Reply('<?xml version="1.0" encoding="UTF-8"?><Response/>', "text/xml")


def check(source: Source) -> None:
    """Refuse a URL that Twilio could not have been given."""
    try:
        url = urlsplit(source.options["url"])
        known = url.scheme in _PORTS and url.hostname and url.port != 0
    except ValueError:
        known = False
    if not known:
        raise Misconfigured("url is not the URL that Twilio was given")


def verify(incoming: Incoming, source: Source) -> Verified:
    """Prove that Twilio signed this URL and exactly this body, then name the event."""
    given = as_bytes(required(incoming.headers, "x-twilio-signature"))
    if incoming.media == FORM:
        form = _form(incoming.body)
        signed = [each + _parameters(form) for each in _by_port(source.options["url"])]
    else:
        form = {}
        signed = _with_digest(_by_port(source.options["url"]), incoming)
    macs = (
        hmac.digest(key.encode(), each.encode(), "sha1")
        for key in source.secrets
        for each in signed
    )
    require_match(map(base64.b64encode, macs), [given])
    return _named(incoming, form)


def _form(body: bytes) -> dict[str, list[str]]:
    """Read what Twilio has signed; what is no form in UTF-8 cannot be that."""
    try:
        text = body.decode("ascii")
        return parse_qs(text, keep_blank_values=True, errors="strict", max_num_fields=1000)
    except ValueError:
        raise mismatch() from None


def _parameters(form: dict[str, list[str]]) -> str:
    return "".join(name + each for name in sorted(form) for each in sorted(set(form[name])))


def _with_digest(urls: Iterable[str], incoming: Incoming) -> list[str]:
    """Give the URLs as Twilio may have called them, once their digest is that of the body."""
    digest = incoming.query.get("bodySHA256", "")
    expected = hashlib.sha256(incoming.body).hexdigest().encode()
    require_match([expected], [as_bytes(digest)])
    return [f"{url}{'&' if '?' in url else '?'}bodySHA256={digest}" for url in urls]


@lru_cache
def _by_port(url: str) -> tuple[str, str]:
    """Give the URL without its port and with it: Twilio signs either."""
    parts = urlsplit(url)
    port = parts.port or _PORTS[parts.scheme]
    credentials, at, host = parts.netloc.rpartition("@")
    bare = f"{credentials}{at}{host.removesuffix(f':{port}')}"
    return url.replace(parts.netloc, bare, 1), url.replace(parts.netloc, f"{bare}:{port}", 1)


def _named(incoming: Incoming, form: dict[str, list[str]]) -> Verified:
    token = incoming.headers.get("i-twilio-idempotency-token")
    if incoming.media != FORM:
        return named("twilio", token, fields_of(incoming.body).get("type"), incoming.body)
    return named("twilio", token, _type(form), incoming.body)._replace(reply=_NO_ANSWER)


def _type(form: dict[str, list[str]]) -> str | None:
    for name, kind in (
        ("MessageStatus", "message"),
        ("SmsStatus", "message"),
        ("CallStatus", "call"),
    ):
        if name in form:
            return f"{kind}.{form[name][0]}"
    return None
