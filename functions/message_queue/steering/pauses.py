"""Pauses: what of the queue stands still, by priority or by type; one row holds them all."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from interchange import clock, store
from interchange.store import Item

_ID = "pauses"
_SEEN_FOR = timedelta(seconds=2)  # a pause need not be noticed sooner, and is asked for every task

# By then every worker knows of a pause's end, and the index shows what was parked until then.
SETTLED = timedelta(seconds=5)

_seen: dict[str, tuple[datetime, Item]] = {}


def holds_back(table: str, *, type: str, priority: str, now: datetime) -> bool:
    """Tell whether tasks of this type and priority are to wait."""
    read_at, scopes = _seen.get(table, (None, {}))
    if read_at is None or now - read_at > _SEEN_FOR:
        scopes = read(table)
        _seen[table] = now, scopes
    return not scopes.keys().isdisjoint({f"type:{type}", f"priority:{priority}"})


def forget() -> None:
    """Forget what was read, as another process would not know it."""
    _seen.clear()


def read(table: str) -> Item:
    """Give every pause by its scope."""
    found = store.get(table, {"id": _ID})
    scopes: Item = found["scopes"] if found else {}
    return scopes


def begin(table: str, scope: str, *, reason: str, now: datetime) -> dict[str, Any]:
    """Pause what `scope` names, `priority:low` or `type:email_notification`; return the pause."""
    pause = {"id": scope, "reason": reason, "paused_at": clock.rfc3339(now)}
    before = _change(table, lambda scopes: {scope: pause} | scopes)
    begun: dict[str, Any] = before.get(scope, pause)
    return begun


def end(table: str, scope: str) -> bool:
    """End a pause; False where there was none."""
    before = _change(table, lambda scopes: {k: v for k, v in scopes.items() if k != scope})
    return scope in before


def _change(table: str, change: Callable[[Item], Item]) -> Item:
    """Write the changed pauses over those that were read, and no others; return those read."""
    while True:
        found = store.get(table, {"id": _ID}) or {"scopes": {}, "version": 0}
        scopes: Item = found["scopes"]
        try:
            store.update(
                table,
                {"id": _ID},
                "SET #kind = :kind, #scopes = :scopes",
                when="attribute_not_exists(#id) OR #version = :seen",
                values={"kind": "pauses", "scopes": change(scopes), "seen": found["version"]},
            )
        except store.ConditionFailed:
            continue
        return scopes
