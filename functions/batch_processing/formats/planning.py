"""Cut a file into chunks that end where rows end, in one pass, with exact row and line numbers.

A newline inside quotes ends no row, so no cut can be found without the quotes before it. A pass
knows them by parity. Each chunk ends outside, so where it starts depends on the bytes and on the
chunks' size alone: a pass can go on at any chunk, and planning twice gives the same chunks.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

LARGEST_ROW = 1_000_000
MOST_ROWS = 20_000  # in a chunk: a worker holds them all, and a row may have two bytes

_OTHERS = {each: bytes(set(range(256)) - {ord('"'), each[0]}) for each in (b"\n", b"\r")}
_CLOSED = re.compile(rb'"(?:[^"]|"")*+"')

type Read = Callable[[int], bytes]


class Unplannable(Exception):
    """The file as a whole cannot be imported; `code` is stable, the text names the place."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row starts: its byte, its number (behind the header, from 1) and its line."""

    offset: int
    row: int
    line: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """Whole rows: bytes [start, end); where they begin, and how many there are, blank or not."""

    start: int
    end: int
    first_row: int
    first_line: int
    rows: int
    lines: int

    @property
    def behind(self) -> Place:
        """Give the place of the next chunk."""
        return Place(self.end, self.first_row + self.rows, self.first_line + self.lines)


def cut(
    read: Read, place: Place, *, size: int, newline: bytes = b"\n", quote: bytes | None = b'"'
) -> Iterator[Chunk]:
    """Give chunks of about `size` bytes from `place` to the file's end; `read` begins there.

    Unplannable for a row over the bound, and for a quote that is never closed.
    """
    window = _Window(read)
    while block := window.first(size):
        end, rows = _last_row_end(block, newline, quote)
        while not end and not window.is_all(block):
            if len(block) >= LARGEST_ROW:
                raise _too_large(block, place, newline, quote)
            block = window.first(min(2 * len(block), LARGEST_ROW))  # twice: it is read anew
            end, rows = _last_row_end(block, newline, quote)
        if not end:
            _refuse_unclosed(block, place, newline, quote)
            end, rows = len(block), 1
        if rows > MOST_ROWS:
            end, rows = _fewer(block, rows, newline, quote)
        lines = block.count(newline, 0, end)
        chunk = Chunk(place.offset, place.offset + end, place.row, place.line, rows, lines)
        yield chunk
        place = chunk.behind
        window.drop(end)


class _Window:
    """What has been read of a file and is in no chunk yet."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._held = b""
        self._ended = False

    def first(self, count: int) -> bytes:
        """Give the next so many bytes, fewer only at the file's end."""
        while len(self._held) < count and not self._ended:
            more = self._read(count - len(self._held))
            self._ended = not more
            self._held += more
        return self._held if len(self._held) <= count else self._held[:count]

    def is_all(self, block: bytes) -> bool:
        """Tell whether nothing follows the block."""
        return self._ended and len(block) == len(self._held)

    def drop(self, count: int) -> None:
        """Forget what has become a chunk."""
        self._held = self._held[count:]


def _last_row_end(block: bytes, newline: bytes, quote: bytes | None) -> tuple[int, int]:
    """Give the offset behind the last row that ends in a block, and how many do; 0 where none."""
    if quote is None or quote not in block:
        return block.rfind(newline) + 1, block.count(newline)
    # Quotes and newlines alone; pairs of quotes with no newline between decide nothing either.
    marks = block.translate(None, _OTHERS[newline]).replace(b'""', b"")
    parts = marks.split(quote)
    rows = sum([len(part) for part in parts[::2]])
    return (_behind_newline(block, newline, _inside_at_the_end(parts)), rows) if rows else (0, 0)


def _fewer(block: bytes, rows: int, newline: bytes, quote: bytes | None) -> tuple[int, int]:
    """Give the end of about as many rows as a chunk may have, and how many they are."""
    whole, end = block, 0
    while rows > MOST_ROWS:
        block = block[: len(block) * MOST_ROWS // rows]
        end, rows = _last_row_end(block, newline, quote)
    return (end, rows) if end else _first(whole, newline, quote)


def _first(block: bytes, newline: bytes, quote: bytes | None) -> tuple[int, int]:
    """Give the end of the first row: a long one that thousands of tiny ones follow."""
    end = block.index(newline) + 1
    while quote and block.count(quote, 0, end) % 2:
        end = block.index(newline, end) + 1
    return end, 1


def _inside_at_the_end(parts: list[bytes]) -> int:
    """Count the newlines behind the last that is outside quotes."""
    last = next(index for index in range((len(parts) - 1) & ~1, -1, -2) if parts[index])
    return sum([len(part) for part in parts[last + 1 :: 2]])


def _behind_newline(block: bytes, newline: bytes, later: int) -> int:
    """Give the offset behind the newline that so many come after."""
    end = len(block)
    for _ in range(later + 1):
        end = block.rindex(newline, 0, end)
    return end + 1


def _too_large(row: bytes, place: Place, newline: bytes, quote: bytes | None) -> Unplannable:
    """Tell of a row over the bound, most likely because a quote in it is never closed."""
    detail = f"Row {place.row} has over {LARGEST_ROW} bytes"
    line = _open_line(row, place, newline, quote)
    opened = "." if line is None else f": the quote on line {line} is not closed within them."
    return Unplannable("row_too_large", detail + opened)


def _refuse_unclosed(row: bytes, place: Place, newline: bytes, quote: bytes | None) -> None:
    line = _open_line(row, place, newline, quote)
    if line is not None:
        raise Unplannable("quote_unclosed", f"The quote on line {line} is never closed.")


def _open_line(row: bytes, place: Place, newline: bytes, quote: bytes | None) -> int | None:
    """Name the line on which the quote is that the row does not close; None where it closes all."""
    if quote is None or row.count(quote) % 2 == 0:
        return None
    return place.line + row.count(newline, 0, _open_quote(row))


def _open_quote(row: bytes) -> int:
    """Find the quote that is never closed: the first whose own closing quote is missing."""
    opened = row.index(b'"')
    while found := _CLOSED.match(row, opened):
        opened = row.index(b'"', found.end())
    return opened
