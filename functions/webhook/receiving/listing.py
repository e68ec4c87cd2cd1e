"""How received webhooks are listed: what of a row, and by which key."""

from typing import Any

from interchange.store import Item

_PUBLIC = (
    "id",
    "event_id",
    "source",
    "topic",
    "type",
    "media",
    "size",
    "received_at",
    "replayed_at",
    "replay_id",
    "version",
)


def summary(row: Item) -> dict[str, Any]:
    """Show a webhook in a list: without its headers and its body."""
    return {name: row[name] for name in _PUBLIC if name in row}


def source_type(source: str, type: str) -> str:
    """Join what the index by type has in one attribute."""
    return f"{source}/{type}"
