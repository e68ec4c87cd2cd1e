"""A feed's pages: what changed since, by the keyset (updated_at, id) of the last row that was read.

`GET url?updated_since=…` gives rows of that time and later, `&after=id` those behind that row, both
in the order of (updated_at, id). A page without rows is the end. What changes while it is read
moves to the end, so no row is missed; the overlap finds what the source committed late.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import urlencode

from batch_processing.syncing import feed_rows
from batch_processing.syncing.feed_rows import FeedRow
from batch_processing.syncing.feeds import FeedFailed
from interchange import clock
from interchange.store import Item

OVERLAP = timedelta(minutes=5)
PAGE = 500


def first(known: Item) -> Item:
    """Say where a run begins: a while before the last one's end; at the very first row without."""
    cursor = known.get("cursor")
    if cursor is None:
        return {}
    try:
        since = clock.parse(cursor) - OVERLAP
    except OverflowError:
        return {}
    return {"since": feed_rows.instant(since.isoformat())}


def url(base: str, at: Item) -> str:
    """Write the URL of the page behind a place."""
    asked = {"updated_since": at.get("since"), "after": at.get("after"), "limit": PAGE}
    query = urlencode({name: value for name, value in asked.items() if value is not None})
    return f"{base}{'&' if '?' in base else '?'}{query}"


def checked(rows: Iterator[FeedRow], at: Item) -> list[FeedRow]:
    """Read a page whole; FeedFailed, before any of it counts, where no other could follow."""
    found = list(rows)
    if not found:
        return found
    last = found[-1]
    if not last.is_placed:
        detail = "A page's last row has no id or no updated_at to go on from."
        raise FeedFailed("feed_malformed", detail)
    if at.get("after") == last.id and at.get("since") == last.sent_at:
        raise FeedFailed("feed_stuck", "The feed gives the same page again and again.")
    times = [feed_rows.instant(str(row.sent_at)) for row in found if row.is_placed]
    if "since" in at:
        times.insert(0, feed_rows.instant(at["since"]))
    if times != sorted(times):
        raise FeedFailed("feed_unordered", "The feed's rows are not in the order of updated_at.")
    return found


def behind(rows: list[FeedRow], at: Item) -> Item:
    """Give the place behind the last of these rows that has one."""
    placed = [row for row in rows if row.is_placed]
    return {"since": placed[-1].sent_at, "after": placed[-1].id} if placed else at


def cursor(at: Item, known: Item, *, began: datetime) -> str | None:
    """Say how far the catalogue is, once all is written: no further than the time is.

    A row from the future would otherwise hide all that changes before that.
    """
    if "after" not in at:
        return known.get("cursor")
    here = feed_rows.instant(clock.rfc3339(began))
    return min(feed_rows.instant(at["since"]), here)
