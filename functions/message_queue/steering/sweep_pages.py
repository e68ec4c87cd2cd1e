"""A sweep's pages: which partitions of the index it goes through, and where in them it is."""

from interchange import store, tasks
from interchange.store import Item
from message_queue.steering import overdue

_PAGE = 25  # each of its tasks is moved


def next_page(sweep: Item, table: str, index: str) -> tuple[int, store.Page]:
    """Read the sweep's next tasks and say in which partition; those that are empty are passed."""
    partitions = _partitions(sweep)
    shard, after = int(sweep["shard"]), sweep["after"]
    while True:
        page = _read(table, index, partitions[shard], after or " ", size=_size(sweep))
        if page.items or shard + 1 == len(partitions):
            return shard, page
        shard, after = shard + 1, ""


def place(shard: int, page: store.Page) -> Item:
    """Say where the sweep goes on: after this page's last, or in the next partition."""
    if page.last_key is None:
        return {"shard": shard + 1, "after": ""}
    return {"shard": shard, "after": page.items[-1]["listed_at"]}


def is_end(sweep: Item, place: Item) -> bool:
    """Tell whether nothing is left there."""
    return bool(place["shard"] == len(_partitions(sweep)))


def _read(table: str, index: str, listing: str, after: str, *, size: int) -> store.Page:
    where = "#listing = :listing AND #listed_at > :after"
    values = {"listing": listing, "after": after}
    return store.index_page(table, index, where, values, size=size, after=None)


def _partitions(sweep: Item) -> list[str]:
    listings = overdue.STATES if sweep["listing"] == overdue.LISTING else (sweep["listing"],)
    return tasks.partitions(listings)


def _size(sweep: Item) -> int:
    return overdue.PAGE if sweep["listing"] == overdue.LISTING else _PAGE
