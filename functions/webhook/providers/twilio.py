"""Twilio: `X-Twilio-Signature: <base64>`, HMAC-SHA1 over the public URL and a form's parameters.

A JSON body is signed by its SHA-256 in the URL's `bodySHA256`, which Twilio adds to the URL that
it was given. Which URL that was, no request can say: the source's option `url` does.
https://www.twilio.com/docs/usage/security#validating-requests
"""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import replace
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
    url, form = source.options["url"], {}
    if incoming.media == FORM:
        form = _form(incoming.body)
    else:
        url = _with_digest(url, incoming)
    parameters = "".join(name + each for name in sorted(form) for each in sorted(set(form[name])))
    signed = [(each + parameters).encode() for each in _by_port(url)]
    macs = (hmac.digest(key.encode(), each, "sha1") for key in source.secrets for each in signed)
    require_match(map(base64.b64encode, macs), [given])
    return _named(incoming, form)


def _form(body: bytes) -> dict[str, list[str]]:
    """Read what Twilio has signed; what is no form in UTF-8 cannot be that."""
    try:
        text = body.decode("ascii")
        return parse_qs(text, keep_blank_values=True, errors="strict", max_num_fields=1000)
    except ValueError:
        raise mismatch() from None


def _with_digest(url: str, incoming: Incoming) -> str:
    """Give the URL as Twilio has called it, once its digest is that of the body."""
    digest = incoming.query.get("bodySHA256", "")
    expected = hashlib.sha256(incoming.body).hexdigest().encode()
    require_match([expected], [as_bytes(digest)])
    return f"{url}{'&' if '?' in url else '?'}bodySHA256={digest}"


def _by_port(url: str) -> Iterator[str]:
    """Give the URL with its port and without: Twilio signs either."""
    parts = urlsplit(url)
    port = parts.port or _PORTS[parts.scheme]
    credentials, at, host = parts.netloc.rpartition("@")
    bare = f"{credentials}{at}{host.removesuffix(f':{port}')}"
    for netloc in (bare, f"{bare}:{port}"):
        yield url.replace(parts.netloc, netloc, 1)


def _named(incoming: Incoming, form: dict[str, list[str]]) -> Verified:
    token = incoming.headers.get("i-twilio-idempotency-token")
    if incoming.media != FORM:
        return named("twilio", token, fields_of(incoming.body).get("type"), incoming.body)
    return replace(named("twilio", token, _type(form), incoming.body), reply=_NO_ANSWER)


def _type(form: dict[str, list[str]]) -> str | None:
    for name, kind in (
        ("MessageStatus", "message"),
        ("SmsStatus", "message"),
        ("CallStatus", "call"),
    ):
        if name in form:
            return f"{kind}.{form[name][0]}"
    return None
