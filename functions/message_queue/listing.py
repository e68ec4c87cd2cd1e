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
    where = "#listing = :listing AND #listed_at BETWEEN :first AND :end"
    values = {"first": first, "end": wanted.until or _LAST}
    found = [
        task
        for state, shard in itertools.product(_states(wanted.status), range(SHARDS))
        for task in store.index_page(
            table, index, where, values | {"listing": f"{state}#{shard}"}, size=size, after=None
        ).items
    ]
    found.sort(key=lambda task: str(task["listed_at"]))
    last = {"listed_at": found[size - 1]["listed_at"]} if len(found) >= size else None
    return [each for each in found[:size] if wanted.type in (None, each["type"])], last


def _states(status: str | None) -> list[str]:
    """Name the listings of a state, of all where none is asked for; what is parked is scheduled."""
    states = [*STATES, PARKED] if status is None else [status]
    return [*states, PARKED] if status == "scheduled" else states
