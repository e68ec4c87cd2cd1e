"""Read a chunk's rows strictly: each is a record or says what is wrong, stopping no other."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ValidationError

from batch_processing.formats import cells, csv_reader
from batch_processing.formats.dialects import NOTES, Dialect
from batch_processing.formats.row_errors import RowError
from interchange import strict_json
from interchange.errors import BadRequest
from interchange.validation import field_errors

_FOREIGN = re.compile("[\udc80-\udcff]")  # what `surrogateescape` makes of bytes


@dataclass(slots=True)
class Row:
    """A row of the file: where it is, what it says, and either a record or its errors.

    `fields` are its values by column, without the notes of a result file, None where the text
    cannot be put in columns.
    """

    number: int
    line: int
    text: str
    fields: dict[str, Any] | None = None
    record: Any = None
    errors: list[RowError] = field(default_factory=list)

    def refuse(self, *, column: str | None, code: str, detail: str) -> None:
        """Note one more error; the row has no record then."""
        self.record = None
        self.errors.append(
            RowError(row=self.number, line=self.line, column=column, code=code, detail=detail)
        )


def read(
    data: bytes, dialect: Dialect, model: type[BaseModel], *, first_row: int, first_line: int
) -> Iterator[Row]:
    """Give every row that is not blank, checked; blank lines count as rows but are none."""
    fill = _FILLERS[dialect.format](dialect)
    for row in split(data, dialect, first_row=first_row, first_line=first_line):
        fill(row)
        if row.fields is not None:
            _check(row, model)
        yield row


def split(data: bytes, dialect: Dialect, *, first_row: int, first_line: int) -> Iterator[Row]:
    """Cut where the planner cuts: at a newline with an even number of quotes before it.

    A row whose quotes are wrong then stays one row, and its inside cannot pass for rows.
    """
    # Bytes that are not UTF-8 become surrogates here, and an error of their own row later.
    text = data.decode("utf-8", "surrogateescape")
    line, newline = first_line, dialect.newline
    for number, record in enumerate(_records(text, dialect), start=first_row):
        if record.strip("\r\n"):
            yield Row(number, line, record)
        line += record.count(newline)


def fill(row: Row, dialect: Dialect) -> None:
    """Put a row's text in columns, or note why that cannot be."""
    _FILLERS[dialect.format](dialect)(row)


def _records(text: str, dialect: Dialect) -> Iterator[str]:
    lines = io.StringIO(text, newline=dialect.newline)
    if dialect.quote is None or '"' not in text:
        yield from lines
        return
    record: list[str] = []
    inside = False
    for line in lines:
        record.append(line)
        inside ^= line.count('"') % 2 == 1
        if not inside:
            yield "".join(record)
            record = []
    if record:
        yield "".join(record)


def _csv_filler(dialect: Dialect) -> Callable[[Row], None]:
    columns, delimiter = dialect.columns, dialect.delimiter
    noted = frozenset(columns) & frozenset(NOTES)

    def fill(row: Row) -> None:
        try:
            (values,) = csv_reader.records([row.text], delimiter)
        except csv.Error as error:
            row.refuse(column=None, code="row_malformed", detail=f"Not CSV: {error}.")
            return
        if len(values) != len(columns):
            detail = f"The row has {len(values)} fields, the header {len(columns)}."
            row.refuse(column=None, code="field_count", detail=detail)
            return
        if not row.text.isascii() and _refused_bytes(row, columns, values):
            return
        if "'" in row.text:
            values = [cells.unescaped(each) for each in values]
        row.fields = dict(zip(columns, values, strict=True))
        for name in noted:
            del row.fields[name]

    return fill


def _refused_bytes(row: Row, columns: list[str], values: list[str]) -> bool:
    for column, value in zip(columns, values, strict=True):
        if _has_foreign_bytes(value):
            row.refuse(column=column, code="not_utf8", detail="The bytes are not UTF-8.")
            return True
    return False


def _has_foreign_bytes(text: str) -> bool:
    return not text.isascii() and _FOREIGN.search(text) is not None


def _json_filler(_: Dialect) -> Callable[[Row], None]:
    def fill(row: Row) -> None:
        if _has_foreign_bytes(row.text):
            row.refuse(column=None, code="not_utf8", detail="The bytes are not UTF-8.")
            return
        try:
            found = strict_json.loads(row.text.encode())
        except BadRequest:
            row.refuse(column=None, code="row_malformed", detail="Not JSON by RFC 8259.")
            return
        if not isinstance(found, dict):
            row.refuse(column=None, code="row_malformed", detail="Not a JSON object.")
            return
        row.fields = {name: each for name, each in found.items() if name not in NOTES}

    return fill


_FILLERS: dict[str, Callable[[Dialect], Callable[[Row], None]]] = {
    "csv": _csv_filler,
    "ndjson": _json_filler,
}


def _check(row: Row, model: type[BaseModel]) -> None:
    try:
        row.record = model.model_validate(row.fields)
    except ValidationError as error:
        for each in field_errors(error):
            column = each["pointer"].removeprefix("/")
            row.refuse(column=column, code="field_invalid", detail=each["detail"])
