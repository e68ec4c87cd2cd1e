"""Requests to publish: ours in JSON, and CloudEvents in each of HTTP's three modes.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
"""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from interchange import http, strict_json
from interchange.errors import (
    BadRequest,
    InterchangeError,
    UnprocessableContent,
    UnsupportedMediaType,
)
from publish_subscribe import cloud_events, entries
from publish_subscribe.entries import Entry

LARGEST_BODY = 4_500_000  # Lambda takes 6 MB, and base64 makes four bytes of three
MOST_ENTRIES = 100

STRUCTURED = "application/cloudevents+json"
BATCHED = "application/cloudevents-batch+json"

_JSON_MEDIA = re.compile(r"[^/]+/(json|[^/]+\+json)")
_ESCAPES = re.compile(rb"%([0-9A-Fa-f]{2})")
_QUOTED = re.compile(r'"(.*)"', re.DOTALL)


class Given(NamedTuple):
    """What a request wants published: entries, or why they are none; `many` asks for a list."""

    entries: list[Entry | InterchangeError]
    many: bool


def read(event: http.Event) -> Given:
    """Read a request in the mode that its Content-Type says, batched before structured."""
    media = http.media_type(event)
    if media.startswith("application/cloudevents-batch"):
        return _array(_json(event, BATCHED), cloud_events.entry_of, event)
    if media.startswith("application/cloudevents"):
        return Given([cloud_events.entry_of(_json(event, STRUCTURED), event)], many=False)
    if any(name.startswith("ce-") for name in http.headers(event)):
        return Given([cloud_events.entry_of(_binary(event), event)], many=False)
    body = _json(event, http.JSON)
    if isinstance(body, list):
        return _array(body, entries.of_publication, event)
    return Given([entries.of_publication(body, event)], many=False)


def _json(event: http.Event, media: str) -> Any:
    if http.media_type(event) != media:
        accepted = (http.JSON, STRUCTURED, BATCHED)
        raise UnsupportedMediaType(
            f"This route reads {', '.join(accepted)}, or any type with ce- headers.",
            headers={"Accept": ", ".join(accepted)},
        )
    return strict_json.loads(http.raw_body(event, limit=LARGEST_BODY))


def _array(body: Any, read: Callable[[Any, http.Event], Entry], event: http.Event) -> Given:
    if not isinstance(body, list) or not 1 <= len(body) <= MOST_ENTRIES:
        detail = f"Must be an array of 1 to {MOST_ENTRIES} events."
        raise UnprocessableContent(detail, errors=[{"detail": detail, "pointer": ""}])
    return Given([_or_refusal(read, each, event) for each in body], many=True)


def _or_refusal(
    read: Callable[[Any, http.Event], Entry], value: Any, event: http.Event
) -> Entry | InterchangeError:
    try:
        return read(value, event)
    except UnprocessableContent as refusal:
        return refusal


def _binary(event: http.Event) -> dict[str, Any]:
    """Give a binary CloudEvent's attributes and data as its JSON would have them."""
    headers = http.headers(event)
    names = [name for name in headers if name.startswith("ce-")]
    fields: dict[str, Any] = {name.removeprefix("ce-"): _unescaped(headers[name]) for name in names}
    if fields.keys() & {"datacontenttype", "data", "data_base64"}:
        detail = "The media type is in Content-Type and the data in the body, not in ce- headers."
        raise BadRequest(detail, code="bad_header")
    body = http.raw_body(event, limit=LARGEST_BODY)
    if media := headers.get("content-type"):
        fields["datacontenttype"] = media
    if not body:
        return fields
    if _JSON_MEDIA.fullmatch(http.media_type(event)):
        return fields | {"data": strict_json.loads(body)}
    return fields | {"data_base64": body}


def _unescaped(value: str) -> str:
    """Undo quotes, then percent-encoding exactly once; BadRequest for what is no UTF-8."""
    quoted = _QUOTED.fullmatch(value)
    text = re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else value
    raw = _ESCAPES.sub(
        lambda found: bytes.fromhex(found[1].decode()), text.encode(errors="replace")
    )
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise BadRequest("A ce- header is not UTF-8 once decoded.", code="bad_header") from None
