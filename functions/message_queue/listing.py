"""Lists of tasks by state and time, oldest first, merged from the index's partitions."""

import itertools
from typing import NamedTuple

from interchange import store
from interchange.store import Item
from interchange.tasks import SHARDS
from message_queue.lifecycle import PARKED, STATES

_LAST = "9999"


class Wanted(NamedTuple):
    """What a caller wants listed: `since` up to, not including, `until`."""

    status: str | None
    type: str | None
    since: str | None
    until: str | None


def page(
    table: str, index: str, wanted: Wanted, *, size: int, after: Item | None
) -> tuple[list[Item], Item | None]:
    """Give the next tasks and where to go on; fewer where those of another type are left out."""
    first = wanted.since or " "
    if after is not None:
        first = after["listed_at"] + "!"  # the next text there is: ids have no such character
    if first > (wanted.until or _LAST):  # DynamoDB refuses such a range
        return [], None
    parts = [
        _part(table, index, f"{state}#{shard}", first, wanted, size=size)
        for state, shard in itertools.product(_states(wanted.status), range(SHARDS))
    ]
    found = sorted(itertools.chain(*(part.items for part in parts)), key=_listed_at)
    # What lies behind the end of a part that has more is not known yet.
    ends = [_listed_at(part.items[-1]) for part in parts if part.last_key is not None]
    shown = [each for each in found if not ends or _listed_at(each) <= min(ends)][:size]
    more = ends or len(found) > size
    last = {"listed_at": _listed_at(shown[-1])} if more else None
    return [each for each in shown if wanted.type in (None, each["type"])], last


def _part(
    table: str, index: str, listing: str, first: str, wanted: Wanted, *, size: int
) -> store.Page:
    where = "#listing = :listing AND #listed_at BETWEEN :first AND :end"
    values = {"listing": listing, "first": first, "end": wanted.until or _LAST}
    return store.index_page(table, index, where, values, size=size, after=None)


def _listed_at(task: Item) -> str:
    return str(task["listed_at"])


def _states(status: str | None) -> list[str]:
    """Name the listings of a state, of all where none is asked for; what is parked is scheduled."""
    states = [*STATES, PARKED] if status is None else [status]
    return [*states, PARKED] if status == "scheduled" else states
