"""Count a day's rows page by page; how far it is goes into a row, and the next step goes on."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field

from batch_processing.reports.sources import Source
from interchange.store import Item

_PAGE = 1000
# A row has 400 KB: topics, types of payment and currencies, which are callers' words, have a bound.
_OPEN = frozenset({"topic", "payment", "currency", "amount"})
MOST_NAMES = 2000


@dataclass
class Reading:
    """How far a day is read: the source, its partitions that are left, and what was counted."""

    counts: dict[str, int] = field(default_factory=dict)
    rows: int = 0
    source: int = 0
    left: list[str] = field(default_factory=list)
    listed: bool = False  # whether a page of this source's partitions was looked up
    more: Item | None = None
    after: Item | None = None

    def kept(self) -> Item:
        """Say what the next step needs to go on."""
        return asdict(self)

    def read(self, sources: Sequence[Source], *, is_late: Callable[[], bool]) -> bool:
        """Read on until it is late; tell whether all is read."""
        while self.source < len(sources):
            self._advance(sources[self.source])
            if is_late():
                return self.source == len(sources)
        return True

    def _advance(self, source: Source) -> None:
        """Read one page: of rows, or of the names of partitions."""
        if self.left:
            self._count(source)
        elif self.listed and self.more is None:
            self.source, self.listed = self.source + 1, False
        else:
            page = source.partitions(self.more)
            self.left = [each["id"] for each in page.items]
            self.more, self.listed = page.last_key, True

    def _count(self, source: Source) -> None:
        page = source.page(self.left[0], size=_PAGE, after=self.after)
        for row in page.items:
            for name, number in source.count(row):
                self._add(name, number)
        self.rows += len(page.items)
        self.after = page.last_key
        if self.after is None:
            self.left.pop(0)

    def _add(self, name: str, number: int) -> None:
        kind, _, _ = name.partition(":")
        if name not in self.counts and len(self.counts) >= MOST_NAMES and kind in _OPEN:
            name = f"{kind}:other"
        self.counts[name] = self.counts.get(name, 0) + number
