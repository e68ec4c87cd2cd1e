"""Rows of the event log: every event once, and its place among its topic's.

What came by claim check stays in its bucket: its row has the attributes, and the key.
"""

import json
from datetime import datetime, timedelta
from typing import Any

from interchange import clock, payloads
from interchange.envelope import RESERVED, Event
from interchange.store import Item

_DATA = {"data", "data_base64"}
_LARGEST_ATTRIBUTES = 50_000  # characters, of up to four bytes: a row has 400 KB


def row(
    event: Event, text: str, claim_check: str | None, *, now: datetime, retention: timedelta
) -> Item:
    """Make an event's row. Its retention begins with the event, as that of its payload does."""
    recorded_at = event.recorded_at or event.time
    return {
        "id": event.log_id,
        "topic": event.topic,
        "type": event.type,
        "source": event.source,
        **({} if event.subject is None else {"subject": event.subject}),
        "time": event.time,
        "recorded_at": recorded_at,
        "position": f"{recorded_at}#{event.log_id}",
        "event": text if claim_check is None else _without_data(text),
        **({} if claim_check is None else {"claim_check": claim_check}),
        "logged_at": clock.rfc3339(now),
        "expires_epoch": int((clock.parse(recorded_at) + retention).timestamp()),
        "version": 1,
    }


def text_of(row: Item) -> str:
    """Give an event's text as its subscribers got it."""
    key = row.get("claim_check")
    return str(row["event"]) if key is None else payloads.get(key).decode()


def _without_data(text: str) -> str:
    """Leave the data out, and a publisher's extensions too where they alone would fill the row."""
    fields = json.loads(text)
    kept = _written({name: fields[name] for name in fields if name not in _DATA})
    if len(kept) <= _LARGEST_ATTRIBUTES:
        return kept
    return _written({name: fields[name] for name in fields if name in RESERVED - _DATA})


def _written(fields: dict[str, Any]) -> str:
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
