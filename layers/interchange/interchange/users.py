"""Users, whom a form registers and an import creates: their identity and their row."""

from typing import Any

from interchange import ids
from interchange.store import Item
from interchange.trace import Trace

DELETED = "user.deleted"
UPDATED = "user.updated"

_PUBLIC = ("id", "email", "name", "created_at", "version")


def user_id(email: str) -> str:
    """Derive the id from the normalised address: uniqueness is a property of the key."""
    return ids.derived("usr", normalise(email))


def normalise(email: str) -> str:
    """Fold the case of an address; mail servers tell `A@b.c` from `a@b.c` in theory only."""
    return email.strip().lower()


def row(*, email: str, name: str, origin: str, now: str, trace: Trace) -> Item:
    """Make a user's row; `origin` names the event that its insertion becomes: `user.{origin}`."""
    return {
        "id": user_id(email),
        "email": normalise(email),
        "name": name,
        "origin": origin,
        "created_at": now,
        "version": 1,
        **trace._asdict(),
    }


def differ(one: Item, other: Item) -> bool:
    """Tell whether two states of a user are told apart by those who know users."""
    return any(one[name] != other[name] for name in ("email", "name"))


def representation(item: Item) -> dict[str, Any]:
    """Show a user to callers and subscribers."""
    return {name: item[name] for name in _PUBLIC}
