"""Tell how a file is written: its format, encoding, delimiter, line ends and columns."""

import codecs
import csv
import re
from dataclasses import asdict, dataclass

from batch_processing.formats import csv_reader
from batch_processing.formats.planning import Place, Unplannable
from batch_processing.options import DELIMITERS
from interchange.store import Item

# What result files add to a row: a file that is uploaded again may have them, unread.
NOTES = ("_row", "_line", "_status", "_id", "_column", "_code", "_detail", "_text")

HEADER_BYTES = 65_536  # of the first row, which is to be told from a file that has none

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_HINT = re.compile(rb"sep=([,;|\t])(?:\r\n|\n|\r)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How to read a file's rows; `columns` are as the file has them, notes included."""

    format: str  # csv or ndjson
    columns: list[str]
    delimiter: str = ","
    newline: str = "\n"

    @property
    def end(self) -> bytes:
        """Give the byte that ends a line; CRLF ends with it, too."""
        return self.newline.encode()

    @property
    def quote(self) -> bytes | None:
        """Give the byte between two of which a line's end is none; JSON has no such place."""
        return b'"' if self.format == "csv" else None

    def as_item(self) -> Item:
        """Write the dialect as the job's row keeps it."""
        return asdict(self)


def of(item: Item) -> Dialect:
    """Read what `as_item` wrote."""
    return Dialect(**item)


def encoding(first: bytes) -> tuple[str, int]:
    """Tell the encoding by its mark, and how long the mark is; UTF-8 where there is none."""
    found = ((name, len(mark)) for mark, name in _BOMS if first.startswith(mark))
    return next(found, ("utf-8", 0))


def detect(
    first: bytes, *, format: str, columns: frozenset[str], delimiter: str | None
) -> tuple[Dialect, Place]:
    """Read the first row; give the dialect, and where the second begins. Unplannable without."""
    start = encoding(first)[1]
    if format == "ndjson":
        return Dialect(format, sorted(columns)), Place(start, 1, 1)
    if not first[start:].strip():
        raise Unplannable("header_missing", "The file is empty.")
    hint = _HINT.match(first, start)
    line = 1
    if hint:
        start, line, delimiter = hint.end(), 2, delimiter or hint[1].decode()
    newline = _newline(first[start:])
    end = _header_end(first, start, newline)
    text = _text(first[start:end]).rstrip("\r\n")
    tried = [delimiter] if delimiter else list(DELIMITERS.values())
    found, delimiter = _matching(text, columns, tried)
    return (
        Dialect("csv", found, delimiter, newline.decode()),
        Place(end, 1, line + first.count(newline, start, end)),
    )


def _newline(text: bytes) -> bytes:
    """Take CR for the line's end only where no LF is: files of old spreadsheets."""
    outside = b"".join(text.split(b'"')[::2])
    return b"\r" if b"\r" in outside and b"\n" not in outside else b"\n"


def _header_end(first: bytes, start: int, newline: bytes) -> int:
    offset = start
    for index, part in enumerate(first[start:].split(b'"')):
        if index % 2 == 0 and newline in part:
            return offset + part.index(newline) + 1
        offset += len(part) + 1
    if len(first) >= HEADER_BYTES:
        detail = f"The first row does not end within {HEADER_BYTES} bytes."
        raise Unplannable("header_unreadable", detail)
    return len(first)


def _text(header: bytes) -> str:
    try:
        return header.decode()
    except UnicodeDecodeError:
        detail = "The first row is not a CSV header in UTF-8."
        raise Unplannable("header_unreadable", detail) from None


def _matching(text: str, columns: frozenset[str], delimiters: list[str]) -> tuple[list[str], str]:
    """Find the delimiter under which the header names every column once, notes apart."""
    for delimiter in delimiters:
        found = _split(text, delimiter)
        named = [each for each in found or [] if each not in NOTES]
        if found and sorted(named) == sorted(columns) and len(set(found)) == len(found):
            return found, delimiter
    if all(_split(text, each) is None for each in delimiters):
        raise Unplannable("header_unreadable", "The first row is not a CSV header in UTF-8.")
    detail = f"The columns must be {', '.join(sorted(columns))}, each once, in any order."
    raise Unplannable("header_mismatch", detail)


def _split(text: str, delimiter: str) -> list[str] | None:
    try:
        (found,) = csv_reader.records([text], delimiter)
    except (ValueError, csv.Error):  # no row, or two
        return None
    return found
