"""A snapshot's tombstones, all known before its first row is written.

Of a product that is gone since ten, a row of nine says nothing, whichever of them the feed has
first: the catalogue itself does not remember what is gone.
"""

from batch_processing.formats.dialects import Dialect
from batch_processing.syncing import feed_rows, leftovers
from batch_processing.syncing.feed_rows import FeedRow

_MARK = b"true"  # which each has, in CSV and in JSON: most chunks need no reading
_TIME = 27  # of `feed_rows.instant`, whose texts are all as long


class Tombstones:
    """Since when products are gone, 35 bytes each where they are kept."""

    def __init__(self, kept: bytes = b"") -> None:
        size = leftovers.DIGEST + _TIME
        records = (kept[start : start + size] for start in range(0, len(kept), size))
        self._since = {each[: leftovers.DIGEST]: each[leftovers.DIGEST :] for each in records}

    def look(self, data: bytes, dialect: Dialect) -> None:
        """Note the tombstones of a chunk, of each product the newest."""
        if _MARK not in data:
            return
        for row in feed_rows.read(data, dialect, first_row=1):
            if row.id is not None and row.fields is None and not row.errors:
                digest, since = leftovers.digest(row.id), row.at.encode()
                self._since[digest] = max(since, self._since.get(digest, b""))

    def outdate(self, row: FeedRow) -> bool:
        """Tell whether the product of a row is gone since a later time."""
        if not self._since or row.id is None:
            return False
        return self._since.get(leftovers.digest(row.id), b"") > row.at.encode()

    def kept(self) -> bytes:
        """Write them for the next step."""
        return b"".join(digest + since for digest, since in self._since.items())
