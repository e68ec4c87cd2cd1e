"""Everyone else who signs the raw body by HMAC; the source's options say how.

`header` where the signature is; `algorithm` sha256 (the default), sha512 or sha1; `encoding` hex
(the default) or base64; `prefix` before it; `id_header` and `type_header` where the event's id and
type are, if anywhere.
"""

import base64
import hmac
import re

from webhook.providers.contract import Incoming, Misconfigured, Source, Verified
from webhook.providers.verified import as_bytes, malformed, named, require_match, required

OPTIONS = ("header", "algorithm", "encoding", "prefix", "id_header", "type_header")
_CHOICES = {"algorithm": ("sha256", "sha512", "sha1"), "encoding": ("hex", "base64")}
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")  # a token of RFC 9110


def check(source: Source) -> None:
    """Refuse an algorithm or an encoding that we have not, and what names no header."""
    for name, choices in _CHOICES.items():
        if source.options.get(name, choices[0]) not in choices:
            raise Misconfigured(f"{name} is none of {', '.join(choices)}")
    for name in ("header", "id_header", "type_header"):
        if name in source.options and not _HEADER.fullmatch(source.options[name]):
            raise Misconfigured(f"{name} is not the name of a header")
    signature = source.options["header"].lower()
    if signature in (source.options.get(name, "").lower() for name in ("id_header", "type_header")):
        raise Misconfigured("the signature's header names the event, too: it would be kept")


def verify(incoming: Incoming, source: Source) -> Verified:
    """Prove that a holder of a secret signed exactly these bytes, then name the event."""
    options, headers = source.options, incoming.headers
    given, prefix = required(headers, options["header"].lower()), options.get("prefix", "")
    if not given.startswith(prefix):
        raise malformed()
    signature = as_bytes(given.removeprefix(prefix))
    macs = [
        hmac.digest(each.encode(), incoming.body, options.get("algorithm", "sha256"))
        for each in source.secrets
    ]
    if options.get("encoding") == "base64":
        require_match(map(base64.b64encode, macs), [signature])
    else:
        require_match([each.hex().encode() for each in macs], [signature.lower()])
    event_id = headers.get(options.get("id_header", "").lower())
    type = headers.get(options.get("type_header", "").lower(), "received")
    return named("generic", event_id, type, incoming.body)
