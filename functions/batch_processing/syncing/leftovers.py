"""What the feed had once and has no longer: found by a survey, deleted once it is not too much."""

import hashlib
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable

from batch_processing import files
from interchange import store
from interchange.store import Item

_PAGE = 1000
DIGEST = 8


def digest(id: str) -> bytes:
    """Shorten an id; two of a million that meet, which never happens, would keep a product."""
    return hashlib.blake2b(id.encode(), digest_size=DIGEST).digest()


class Ids:
    """The ids that a feed has, eight bytes each."""

    def __init__(self, digests: Iterable[bytes]) -> None:
        found = array("Q", b"".join(digests))
        self._sorted = array("Q", sorted(found))

    def __contains__(self, id: str) -> bool:
        (wanted,) = array("Q", digest(id))
        at = bisect_left(self._sorted, wanted)
        return at < len(self._sorted) and self._sorted[at] == wanted


def seen(bucket: str, names: list[str]) -> Ids:
    """Read the ids that the run's steps have noted."""
    return Ids(files.whole(bucket, each) for each in names)


class Survey:
    """Looks through the catalogue for products of the feed's that it has no longer."""

    def __init__(self, table: str, ids: Ids, job: Item) -> None:
        self._table, self._ids = table, ids
        self.after: Item | None = job.get("surveyed")
        self.owned: int = job.get("owned", 0)
        self.missing: int = job.get("missing", 0)
        self.found: list[str] = []
        self.is_over = False

    def look(self, is_late: Callable[[], bool]) -> None:
        """Go on page by page, to the end or until the time is over."""
        while not self.is_over:
            page = store.scan_page(self._table, size=_PAGE, after=self.after)
            owned = [row["id"] for row in page.items if "feed_updated_at" in row]
            missing = [each for each in owned if each not in self._ids]
            self.owned, self.missing = self.owned + len(owned), self.missing + len(missing)
            self.found += missing
            self.after, self.is_over = page.last_key, page.last_key is None
            if is_late():
                return


def is_too_much(missing: int, owned: int, percent: int) -> bool:
    """Tell whether a feed that lacks so many of its products is more likely broken than right."""
    return missing * 100 > owned * percent
