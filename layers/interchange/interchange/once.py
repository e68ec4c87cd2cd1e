"""Do a thing once by its name: claim it, do it, say that it is done.

A claim is one conditional put that also returns what it met. Its lease is the function's remaining
time; when that function died, the next try takes the claim over, with the seed of its ids, and the
fence keeps the dead from writing. Judged by the stored times: TTL deletes days late.
"""

import os
from datetime import datetime, timedelta
from typing import Any

from interchange import clock, ids, store
from interchange.observability import logger
from interchange.store import Item

_FREE = "attribute_not_exists(#id) OR #expires_epoch <= :now_epoch"
_HOLDING = "#status = :running AND #fence = :fence"


class Different(Exception):
    """The name was claimed for something else."""


class Running(Exception):
    """Another try holds the claim, for `left` more seconds."""

    def __init__(self, left: float) -> None:
        super().__init__("another try holds the claim")
        self.left = left


def claim(
    table: str, name: str, *, fingerprint: str, now: datetime, lease: timedelta, kept: timedelta
) -> Item:
    """Claim a name, or return the finished claim that holds it; Different and Running refuse."""
    ours = {
        "id": name,
        "status": "running",
        "fingerprint": fingerprint,
        "fence": os.urandom(8).hex(),
        "seed": ids.new("").removeprefix("_"),
        "lease_ends_at": clock.rfc3339(now + lease),
        "expires_epoch": int((now + kept).timestamp()),
        "version": 1,
    }
    try:
        store.put(table, ours, when=_FREE, values={"now_epoch": int(now.timestamp())})
    except store.ConditionFailed as met:
        return _met(table, met.item, ours, now=now)
    return ours


def _met(table: str, met: Item, ours: Item, *, now: datetime) -> Item:
    if met["fingerprint"] != ours["fingerprint"]:
        raise Different
    if met["status"] == "done":
        return met
    left = (clock.parse(met["lease_ends_at"]) - now).total_seconds()
    if left > 0:
        raise Running(left)
    return _take_over(table, met, ours)


def _take_over(table: str, met: Item, ours: Item) -> Item:
    """Go on where a function died, or gave up: with its seed, and a fence of our own."""
    values = {"running": "running", "fence": met["fence"], "ours": ours["fence"]}
    values |= {"lease_ends_at": ours["lease_ends_at"]}
    change = "SET #fence = :ours, #lease_ends_at = :lease_ends_at"
    try:
        return store.update(table, {"id": ours["id"]}, change, when=_HOLDING, values=values)
    except store.ConditionFailed:  # another try was faster, or the function lived after all
        raise Running(1) from None


def finish(table: str, held: Item, **result: Any) -> None:
    """Say that it is done, with what is to be known of it."""
    change = "".join(f", #{name} = :{name}" for name in result)
    _settle(table, held, f"SET #status = :done{change}", {"done": "done", **result})


def give_up(table: str, held: Item, *, now: datetime) -> None:
    """Let the next try have it at once, with the same seed: half of it may be done."""
    _settle(table, held, "SET #lease_ends_at = :now", {"now": clock.rfc3339(now)})


def _settle(table: str, held: Item, change: str, values: Item) -> None:
    values = {"running": "running", "fence": held["fence"], **values}
    try:
        store.update(table, {"id": held["id"]}, change, when=_HOLDING, values=values)
    except store.ConditionFailed:
        logger.warning("A claim was lost to another try")
