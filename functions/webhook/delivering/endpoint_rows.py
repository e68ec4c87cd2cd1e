"""An endpoint's fields as its two rows keep them: what all may see, and what few may."""

import json
from datetime import datetime
from typing import Any

from interchange import clock, outbound
from interchange.errors import FieldError, UnprocessableContent
from interchange.store import Item
from interchange.trace import Trace
from webhook.delivering import endpoints, signing
from webhook.delivering.endpoint_fields import EndpointChange, NewEndpoint

_AS_JSON = ("filters", "data_equals")  # numbers with a fraction among them, which rows have not


def check_url(url: str, *, allow_local: bool) -> None:
    """Refuse a URL that would never be called."""
    try:
        outbound.check(url, allow_local=allow_local)
    except outbound.Forbidden as refusal:
        detail = "The endpoint's URL may not be called."
        wrong: FieldError = {"detail": refusal.detail, "pointer": "/url"}
        raise UnprocessableContent(detail, code="url_forbidden", errors=[wrong]) from None


def new(endpoint: NewEndpoint, *, id: str, now: datetime, trace: Trace) -> tuple[Item, Item]:
    """Make the endpoint's row, and the row with its secret."""
    at = clock.rfc3339(now)
    row = {
        "id": id,
        **changed(endpoint),
        "status": endpoints.ACTIVE,
        "created_at": at,
        "updated_at": at,
        "version": 1,
        **trace._asdict(),
    }
    secret = {
        "id": id,
        "secret": signing.new_secret(),
        "former": [],
        "headers": dict(endpoint.headers),
        "version": 1,
    }
    return row, secret


def changed(fields: NewEndpoint | EndpointChange) -> dict[str, Any]:
    """Give what the endpoint's row is to say: all of a new one, of a change what it names."""
    unset = isinstance(fields, EndpointChange)
    found = fields.model_dump(by_alias=True, exclude_unset=unset)
    if "filters" in found:
        found["filters"] = [each.plain() for each in fields.filters]
    found |= {name: json.dumps(found[name]) for name in _AS_JSON if name in found}
    if "headers" in found:
        found["header_names"] = sorted(found.pop("headers"))
    return found
