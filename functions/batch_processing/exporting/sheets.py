"""Write users as rows of a file: CSV or lines of JSON, gzip or not; any number of files join."""

import csv
import io
import json
import zlib
from collections.abc import Iterable
from typing import Any

from batch_processing.formats import cells
from interchange.store import Item

_LEVEL = 6  # zlib's own: a level more costs twice the time for a hundredth
_WBITS = 31  # gzip's frame; its members may follow one another (RFC 1952 s.2.2)


class Sheet:
    """A file, or a piece of one; only the first piece has the header."""

    def __init__(self, asked: Item, *, has_header: bool) -> None:
        self._columns: list[str] = asked["columns"]
        self._render = _RENDERERS[asked["format"]]
        self._packer = zlib.compressobj(_LEVEL, wbits=_WBITS) if asked["compression"] else None
        self._data = bytearray()
        self._is_empty = True
        if has_header and asked["format"] == "csv":
            self._add(_csv([self._columns]))

    @property
    def size(self) -> int:
        """Tell how many bytes there are so far, less what the packer holds back."""
        return len(self._data)

    def write(self, users: Iterable[Item]) -> None:
        """Write a row for each."""
        self._add(self._render(users, self._columns))

    def end(self) -> bytes:
        """Give all of it; nothing where nothing was written."""
        if self._packer and not self._is_empty:
            self._data += self._packer.flush()
        return bytes(self._data)

    def _add(self, text: str) -> None:
        if text:
            data = text.encode()
            self._data += self._packer.compress(data) if self._packer else data
            self._is_empty = False


def _rows(users: Iterable[Item], columns: list[str]) -> str:
    return _csv([_cell(user.get(name, "")) for name in columns] for user in users)


def _lines(users: Iterable[Item], columns: list[str]) -> str:
    found = ({name: user.get(name) for name in columns} for user in users)
    return "".join([f"{json.dumps(each, ensure_ascii=False)}\n" for each in found])


_RENDERERS = {"csv": _rows, "ndjson": _lines}


def _cell(value: Any) -> Any:
    return cells.escaped(value) if isinstance(value, str) else value


def _csv(table: Iterable[list[Any]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(table)
    return text.getvalue()
