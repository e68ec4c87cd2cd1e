"""Read a key's events in the order of their numbers: sequences say which, the log has them."""

from datetime import datetime

from interchange import store
from interchange.store import Item
from publish_subscribe import sequences
from publish_subscribe.event_log import Index, Most, Rows

_AT_ONCE = 100  # rows of one BatchGetItem


def read(
    numbered: Index,
    log: str,
    topic: str,
    key: str,
    *,
    most: Most,
    after: Item | None,
    now: datetime,
    order: store.Order = "asc",
) -> Rows:
    """Read up to a hundred events; one that is erased or over has left its number behind."""
    page = store.index_page(
        numbered.table,
        numbered.name,
        "#topic_key = :topic_key",
        {"topic_key": sequences.topic_key(topic, key)},
        size=min(most.rows, _AT_ONCE),
        after=after,
        order=order,
    )
    rows = store.get_many(log, [each["id"] for each in page.items])
    found: list[Item] = []
    weight = 0
    for each in page.items:
        row = rows.get(each["id"])
        if row is None or store.has_expired(row, now=now):
            continue
        found.append(row)
        weight += most.weigh(row)
        if weight >= most.weight:
            last = page.last_key if each is page.items[-1] else _key(each)
            return Rows(found, len(found), last)
    return Rows(found, len(page.items), page.last_key)


def _key(sequence: Item) -> Item:
    return {name: sequence[name] for name in ("id", "topic_key", "number")}
