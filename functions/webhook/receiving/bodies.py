"""Bodies of received webhooks: in the row, or, too large for that, in the bucket."""

import base64
import json

from interchange import payloads, strict_json
from interchange.errors import BadRequest
from interchange.store import Item

LARGEST_IN_ROW = 300_000  # a row has 400 KB, its attributes included


def put(row: Item, body: bytes) -> None:
    """Put a large body where its row says, before the row: one without the other is harmless."""
    if "body_key" in row:
        payloads.put(row["body_key"], body)


def get(row: Item) -> bytes:
    """Give the body as it was sent."""
    body: bytes = payloads.get(row["body_key"]) if "body_key" in row else row["body"]
    return body


def encoded(body: bytes) -> tuple[str, str]:
    """Give the body's JSON, and how it is to be read.

    A large one is in base64 whatever it is: Lambda escapes quotes, and its answer has 6 MB at most.
    """
    if len(body) > LARGEST_IN_ROW:
        return "base64", f'"{base64.b64encode(body).decode()}"'
    try:
        strict_json.loads(body)
        return "json", body.decode()
    except BadRequest:
        return _of_text(body)


def _of_text(body: bytes) -> tuple[str, str]:
    try:
        return "text", json.dumps(body.decode())
    except UnicodeDecodeError:
        return "base64", f'"{base64.b64encode(body).decode()}"'
