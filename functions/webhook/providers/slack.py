"""Slack: `X-Slack-Signature: v0=<hex>` over `v0:{timestamp}:{raw body}`.

Events come as JSON; slash commands and interactions as forms, which people in Slack wait for: any
answer but an empty one would be shown to them.
https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import json
from typing import Any
from urllib.parse import parse_qs

from webhook.providers.contract import FORM, JSON, Handshake, Incoming, Reply, Source, Verified
from webhook.providers.verified import (
    as_bytes,
    fields_of,
    hexadecimal,
    malformed,
    named,
    require_fresh,
    require_match,
    required,
)

HEADERS = ("x-slack-request-timestamp", "x-slack-retry-num", "x-slack-retry-reason")
_SILENCE = Reply("", "text/plain")


def verify(incoming: Incoming, source: Source) -> Verified | Handshake:
    """Prove that Slack signed exactly these bytes within the tolerance, then name the event."""
    body, headers = incoming.body, incoming.headers
    timestamp = required(headers, "x-slack-request-timestamp")
    version, _, digest = required(headers, "x-slack-signature").partition("=")
    if version != "v0":
        raise malformed()
    require_fresh(timestamp, incoming.now)
    signed = b"v0:" + timestamp.encode() + b":" + body
    require_match([hexadecimal(each, signed) for each in source.secrets], [as_bytes(digest)])
    return _of_form(body) if incoming.media == FORM else _of_json(body)


def _of_json(body: bytes) -> Verified | Handshake:
    fields = fields_of(body)
    challenge = fields.get("challenge")
    if fields.get("type") == "url_verification" and isinstance(challenge, str):
        return Handshake(Reply(json.dumps({"challenge": challenge}), JSON))
    inner = fields.get("event")
    named_by = inner if isinstance(inner, dict) else fields
    return named("slack", fields.get("event_id"), named_by.get("type"), body)


def _of_form(body: bytes) -> Verified:
    """Name an interaction by its type; its trigger makes each body, and so its digest, unique."""
    fields = _form(body)
    interaction = fields_of(fields.get("payload", "").encode(errors="replace"))
    type = interaction.get("type") or ("command" if "command" in fields else None)
    return named("slack", None, type, body)._replace(reply=_SILENCE)


def _form(body: bytes) -> dict[str, Any]:
    try:
        found = parse_qs(body.decode(), max_num_fields=1000)
    except ValueError:  # UnicodeDecodeError is one
        return {}
    return {name: values[0] for name, values in found.items()}
