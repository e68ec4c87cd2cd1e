"""The rows of kept events: their keys, and until when they are kept."""

import contextlib

from interchange import store
from interchange.store import Item

_PART = "event"


def key(kept_as: str) -> Item:
    """Give the key of an event."""
    return {"id": kept_as, "part": _PART}


def key_of(delivery: Item) -> Item:
    """Give the key of a delivery's event."""
    return key(delivery["kept_as"])


def prolong(table: str, delivery: Item, *, until: int) -> None:
    """Keep a delivery's event until then, unless it was erased; its payload's end stays known."""
    change = (
        "SET #retained_until = if_not_exists(#retained_until, #expires_epoch),"
        " #expires_epoch = :until"
    )
    with contextlib.suppress(store.ConditionFailed):  # it is kept so long already, or erased
        when = "#expires_epoch < :until"
        store.change(table, key_of(delivery), change, when=when, values={"until": until})
