"""Cut a CSV file into chunks that end where rows end, in one pass, with exact row and line numbers.

A newline inside quotes ends no row, so no cut can be found without the quotes before it. One
sequential pass knows them by parity: `block.split(b'"')` alternates outside and inside.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

LARGEST_ROW = 1_000_000

_BOM = b"\xef\xbb\xbf"
_CLOSED = re.compile(rb'"(?:[^"]|"")*+"')


class Unplannable(Exception):
    """The file as a whole cannot be imported; `code` is stable, the text names the place."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Chunk:
    """Whole rows: bytes [start, end); rows (after the header) and lines count from 1."""

    start: int
    end: int
    first_row: int
    first_line: int


@dataclass(slots=True)
class _Scan:
    """Where the pass is: everything before `offset` has been read."""

    offset: int = 0
    rows: int = 0
    lines: int = 0
    inside: int = 0  # 1 inside quotes

    def read(self, block: bytes) -> int | None:
        """Read on; return the offset behind the block's last row end, None where it has none."""
        parts = block.split(b'"')
        ends = _last_newline_outside(parts, self.inside)
        boundary = None if ends is None else self.offset + ends + 1
        self.rows += sum(part.count(b"\n") for part in parts[self.inside :: 2])
        self.inside = (self.inside + len(parts) - 1) % 2
        self.lines += block.count(b"\n")
        self.offset += len(block)
        return boundary


def plan(blocks: Iterable[bytes], *, columns: frozenset[str]) -> Iterator[list[str] | Chunk]:
    """Give the header's columns, then about a chunk a block; Unplannable for the file's faults.

    The chunks depend on the bytes and the blocks' size alone: planning twice gives the same chunks.
    """
    scan = _Scan()
    start = row = line = 0
    header: list[str] | None = None
    open_row = b""  # what has been read of the row that no end has been seen of
    for block in blocks:
        if header is None:
            start, header = _header(block, columns)
            row, line = 1, block.count(b"\n", 0, start) + 1
            yield header
        end = scan.read(block)
        open_row = open_row + block if end is None else block[len(block) - scan.offset + end :]
        if end is not None and end > start:
            yield Chunk(start, end, row, line)
            start, row, line = end, scan.rows, scan.lines + 1 - open_row.count(b"\n")
        if len(open_row) > LARGEST_ROW:
            raise Unplannable("row_too_large", f"Row {row} has over {LARGEST_ROW} bytes.")
    if header is None:
        raise Unplannable("header_missing", "The file is empty.")
    if scan.inside:
        opened_on = scan.lines + 1 - open_row.count(b"\n", _open_quote(open_row))
        raise Unplannable("quote_unclosed", f"The quote on line {opened_on} is never closed.")
    if scan.offset > start:
        yield Chunk(start, scan.offset, row, line)


def _open_quote(row: bytes) -> int:
    """Find the quote that is never closed: the first whose own closing quote is missing."""
    opened = row.index(b'"')
    while found := _CLOSED.match(row, opened):
        opened = row.index(b'"', found.end())
    return opened


def _header(block: bytes, columns: frozenset[str]) -> tuple[int, list[str]]:
    """Read the first row, which the first block must hold; return where it ends and its columns."""
    newline = _first_newline_outside(block)
    end = len(block) if newline is None else newline + 1
    try:
        text = block[:end].removeprefix(_BOM).decode().rstrip("\r\n")
        (header,) = csv.reader([text], strict=True)
    except (ValueError, csv.Error):  # UnicodeDecodeError is a ValueError; so are two rows
        detail = "The first row is not a CSV header in UTF-8."
        raise Unplannable("header_unreadable", detail) from None
    if sorted(header) != sorted(columns):
        detail = f"The columns must be {', '.join(sorted(columns))}, each once, in any order."
        raise Unplannable("header_mismatch", detail)
    return end, header


def _first_newline_outside(block: bytes) -> int | None:
    offset = 0
    for index, part in enumerate(block.split(b'"')):
        if index % 2 == 0 and b"\n" in part:
            return offset + part.index(b"\n")
        offset += len(part) + 1
    return None


def _last_newline_outside(parts: list[bytes], inside: int) -> int | None:
    offset = sum(map(len, parts)) + len(parts) - 1
    for index in range(len(parts) - 1, -1, -1):
        offset -= len(parts[index])
        found = -1 if (index + inside) % 2 else parts[index].rfind(b"\n")
        if found >= 0:
            return offset + found
        offset -= 1
    return None
