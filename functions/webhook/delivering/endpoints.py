"""Endpoints, customers' servers that are told of events: their rows, and what callers see of them.

A secret and the headers that a customer wants sent are in a table of their own, which few may read.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from interchange import clock, store
from interchange.errors import NotFound
from interchange.store import Item, Write

ACTIVE, DISABLED = "active", "disabled"
GONE, FAILING, REQUESTED = "gone", "failing", "requested"

# A row that counts the changes of all endpoints: who keeps the list asks it whether to read anew.
_CATALOGUE: Item = {"id": "endpoints", "part": "catalogue"}

_SHOWN = ("id", "url", "description", "topics", "types", "rate_limit", "ordered", "metadata")
_STATE = (
    *("header_names", "status", "disabled_reason", "disabled_at"),
    *("created_at", "updated_at", "version"),
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint with what signing needs: whoever delivers."""

    row: Item
    secret: Item

    def secrets(self, *, now: datetime) -> list[str]:
        """Give the secrets that sign now: the current one first."""
        return [
            self.secret["secret"],
            *(each["secret"] for each in overlapping(self.secret, now=now)),
        ]


def overlapping(secret: Item, *, now: datetime) -> list[Item]:
    """Give the former secrets that still sign."""
    return [each for each in secret["former"] if each["until"] > clock.rfc3339(now)]


def representation(row: Item) -> dict[str, Any]:
    """Show an endpoint to callers: of headers the names, of the secret nothing."""
    shown = {name: row[name] for name in (*_SHOWN, *_STATE) if name in row}
    return shown | {name: json.loads(row[name]) for name in ("filters", "data_equals")}


def get(table: str, endpoint_id: str) -> Item:
    """Read an endpoint; NotFound where there is none."""
    row = store.get(table, {"id": endpoint_id})
    if row is None:
        raise not_found()
    return row


def not_found() -> NotFound:
    """Say that there is no such endpoint."""
    return NotFound("No webhook endpoint has this id.", code="endpoint_not_found")


def counting(deliveries_table: str) -> Write:
    """Count a change of the endpoints, in the transaction that makes it."""
    return store.updating(
        deliveries_table,
        _CATALOGUE,
        "SET #changed = :changed",
        when="attribute_exists(#id) OR attribute_not_exists(#id)",
        values={"changed": "endpoints"},
    )


_listed: dict[str, tuple[int, Sequence[Item]]] = {}


def catalogue(table: str, deliveries_table: str) -> Sequence[Item]:
    """Give every endpoint, as of this moment: the list is kept until a change was counted."""
    counter = store.get(deliveries_table, _CATALOGUE) or {"version": 0}
    version, found = _listed.get(table, (-1, ()))
    if version != counter["version"]:
        found = list(store.scan(table))
        _listed[table] = (counter["version"], found)
    return found
