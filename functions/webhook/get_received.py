"""Read a webhook as it was received."""

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from interchange import clock, config, http, store
from interchange.errors import NotFound
from interchange.store import Item
from webhook.receiving import bodies, listing


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    received_table: str


settings = config.reader(Settings)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer with the webhook, its headers and its body, or 404: unknown, or past its retention."""
    row = store.get(settings().received_table, {"id": http.path_id(event)})
    if row is None or store.has_expired(row, now=clock.now()):
        raise NotFound("No received webhook has this id.", code="webhook_not_found")
    headers = {"Cache-Control": "no-store", "Content-Type": http.JSON}
    return http.response(HTTPStatus.OK, None, headers) | {"body": _whole(row)}


def _whole(row: Item) -> str:
    """Write the webhook with its body spliced in: reading and writing JSON could alter it."""
    encoding, body = bodies.encoded(bodies.get(row))
    head = listing.summary(row) | {"headers": row["headers"], "body_encoding": encoding}
    return f'{json.dumps(head, ensure_ascii=False).removesuffix("}")},"body":{body}}}'
