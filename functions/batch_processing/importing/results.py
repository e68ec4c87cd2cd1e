"""An import's three result files: the rows in the file's own columns, and notes on each.

A file of failed or unprocessed rows can be mended and uploaded again as it is: its notes, whose
names begin with an underscore, are not read.
"""

import csv
import io
import json
from collections.abc import Iterable
from typing import Any

from batch_processing.formats import cells, csv_reader
from batch_processing.formats.dialects import NOTES, Dialect
from batch_processing.formats.rows import Row

_NOTED = {
    "succeeded": ("_row", "_line", "_status", "_id"),
    "failed": ("_row", "_line", "_column", "_code", "_detail", "_text"),
    "unprocessed": ("_row", "_line", "_text"),
}

type Record = dict[str, Any]


def media(dialect: Dialect) -> str:
    """Name the files' media type."""
    return "text/csv" if dialect.format == "csv" else "application/x-ndjson"


def names(kind: str, dialect: Dialect) -> list[str]:
    """Name a file's columns: the upload's own, then the notes."""
    return [*(each for each in dialect.columns if each not in NOTES), *_NOTED[kind]]


def header(kind: str, dialect: Dialect) -> bytes:
    """Write a file's first row; JSON has none."""
    return _csv([names(kind, dialect)], dialect) if dialect.format == "csv" else b""


def succeeded(row: Row, status: str, id: str) -> Record:
    """Note what a row has done, and to what."""
    place: Record = {"_row": row.number, "_line": row.line, "_status": status, "_id": id}
    return (row.fields or {}) | place


def failed(row: Row) -> Record:
    """Note why a row has failed: its first error's place, the words of all."""
    first = row.errors[0]
    words = "; ".join(
        f"{each['column']}: {each['detail']}" if each["column"] else each["detail"]
        for each in row.errors
    )
    notes = {"_column": first["column"] or "", "_code": first["code"], "_detail": words}
    return unprocessed(row) | notes


def unprocessed(row: Row) -> Record:
    """Note where a row is; one that fits no columns is given as the text that it is."""
    place: Record = {"_row": row.number, "_line": row.line, "_text": ""}
    if row.fields is None:
        raw = row.text.rstrip("\r\n").encode("utf-8", "surrogateescape")
        return place | {"_text": raw.decode("utf-8", "backslashreplace")}
    return row.fields | place


def lost(number: int) -> Record:
    """Note that there was a row; what it said, and on which line, is gone with its file."""
    return {"_row": number, "_line": None, "_text": ""}


def render(records: Iterable[Record], kind: str, dialect: Dialect) -> bytes:
    """Write rows of a file."""
    if dialect.format == "csv":
        columns = names(kind, dialect)
        table = ([_cell(record.get(name, "")) for name in columns] for record in records)
        return _csv(table, dialect)
    return "".join([f"{json.dumps(each, ensure_ascii=False)}\n" for each in records]).encode()


def parse(data: bytes, kind: str, dialect: Dialect) -> list[Record]:
    """Read what `render` wrote."""
    text = data.decode()
    if dialect.format != "csv":
        return [json.loads(each) for each in text.split("\n") if each]
    reader = csv_reader.records(io.StringIO(text, newline=""), dialect.delimiter)
    columns = names(kind, dialect)
    found = [
        dict(zip(columns, map(cells.unescaped, values), strict=True)) for values in reader if values
    ]
    return [each | {"_row": int(each["_row"]), "_line": int(each["_line"])} for each in found]


def _cell(value: Any) -> Any:
    return cells.escaped(value) if isinstance(value, str) else value


def _csv(table: Iterable[list[Any]], dialect: Dialect) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=dialect.delimiter, lineterminator="\n").writerows(table)
    return text.getvalue().encode()
