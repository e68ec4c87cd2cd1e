"""Flights: how many attempts at one endpoint are under way at once, all workers together.

Each of an endpoint's slots is an attribute of the row that says how it fares, leased for as long as
a claim is: a worker that dies gives its slot back when the lease is over.
"""

import contextlib
import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from interchange import clock, store
from interchange.claims import Claim
from interchange.store import Item
from webhook.delivering import health

_KEPT = timedelta(days=30)  # what nobody asks for is deleted


class Full(Exception):
    """As many attempts at the endpoint are under way as may be, or it is spared; `fares` says."""

    def __init__(self, fares: Item) -> None:
        super().__init__("no attempt may begin")
        self.fares = fares


@contextlib.contextmanager
def taken(held: Claim, *, most: int, now: datetime, lease: timedelta) -> Iterator[Item]:
    """Hold a slot for as long as the block lasts, else Full; what it notes the row says then, too.

    A process that dies in it gives nothing back: its lease ends.
    """
    until = f"{clock.rfc3339(now + lease)}#{held.fence}"
    name = _take(held, [f"slot_{index}" for index in range(most)], until, now=now)
    noted: Item = {}
    try:
        yield noted
    except Exception:
        _give_back(held, name, until, {})
        raise
    _give_back(held, name, until, noted)


def _take(held: Claim, names: list[str], until: str, *, now: datetime) -> str:
    """Try any slot; who meets a holder there learns which others are free."""
    free = random.sample(names, len(names))
    fares: Item = {}
    while free:
        name = free.pop()
        try:
            _lease(held, name, until, now=now)
        except store.ConditionFailed as refused:
            fares = refused.item
        else:
            return name
        free = [each for each in free if fares.get(each, "") < clock.rfc3339(now)]
    raise Full(fares)


def _lease(held: Claim, name: str, until: str, *, now: datetime) -> None:
    """Take a slot that is free, of an endpoint that is not spared; a manual retry spares none."""
    expires = int((now + _KEPT).timestamp())
    spared = "attribute_not_exists(#held_until) OR #held_until <= :now"
    when = f"(attribute_not_exists(#{name}) OR #{name} < :now)"
    store.change(
        held.table,
        health.key(held.row["endpoint_id"]),
        f"SET #{name} = :until, #expires_epoch = :expires",
        when=when if held.row.get("manual") else f"{when} AND ({spared})",
        values={"until": until, "now": clock.rfc3339(now), "expires": expires},
    )


def _give_back(held: Claim, name: str, until: str, noted: Item) -> None:
    """Free a slot; one that is another's by now is left to it."""
    key = health.key(held.row["endpoint_id"])
    saying = f"{store.setting(noted)} " if noted else ""
    change, when = f"{saying}REMOVE #{name}", f"#{name} = :until"
    with contextlib.suppress(store.ConditionFailed):
        store.change(held.table, key, change, when=when, values=noted | {"until": until})
