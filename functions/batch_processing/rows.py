"""Read a chunk's rows strictly: each is a user or says what is wrong with it, stopping no other."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypedDict

from pydantic import ValidationError

from interchange.new_user import NewUser
from interchange.validation import field_errors

COLUMNS = frozenset(NewUser.model_fields)


class RowError(TypedDict):
    """One fault of one row; `column` is None where the row as a whole is at fault."""

    row: int
    line: int
    column: str | None
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the file: its number, the line it starts on, and either a user or its errors."""

    number: int
    line: int
    user: NewUser | None = None
    errors: tuple[RowError, ...] = ()

    def refused(self, *, column: str | None, code: str, detail: str) -> "Row":
        """Give the row with one more error, and without its user."""
        error = RowError(row=self.number, line=self.line, column=column, code=code, detail=detail)
        return Row(self.number, self.line, None, (*self.errors, error))


def read(data: bytes, header: list[str], *, first_row: int, first_line: int) -> Iterator[Row]:
    """Give every row that is not blank; blank lines count as rows but are none."""
    # Bytes that are not UTF-8 become surrogates here, and an error of their own row below.
    text = data.decode("utf-8", "surrogateescape")
    line = first_line
    for number, record in enumerate(_records(text), start=first_row):
        row = Row(number, line)
        line += record.count("\n")
        try:
            (fields,) = csv.reader([record], strict=True)
        except csv.Error as error:
            yield row.refused(column=None, code="row_malformed", detail=f"Not CSV: {error}.")
        else:
            if fields:
                yield _checked(row, fields, header)


def _records(text: str) -> Iterator[str]:
    """Cut where the planner cuts: at a newline with an even number of quotes before it.

    A row whose quotes are wrong then stays one row, and its inside cannot pass for rows.
    """
    record: list[str] = []
    inside = False
    for line in io.StringIO(text, newline="\n"):
        record.append(line)
        inside ^= line.count('"') % 2 == 1
        if not inside:
            yield "".join(record)
            record = []
    if record:
        yield "".join(record)


def _checked(row: Row, fields: list[str], header: list[str]) -> Row:
    if len(fields) != len(header):
        detail = f"The row has {len(fields)} fields, the header {len(header)}."
        return row.refused(column=None, code="field_count", detail=detail)
    for column, value in zip(header, fields, strict=True):
        if not value.isascii() and any("\udc80" <= each <= "\udcff" for each in value):
            return row.refused(column=column, code="not_utf8", detail="The bytes are not UTF-8.")
    try:
        user = NewUser.model_validate(dict(zip(header, fields, strict=True)))
    except ValidationError as error:
        for each in field_errors(error):
            column = each["pointer"].removeprefix("/")
            row = row.refused(column=column, code="field_invalid", detail=each["detail"])
        return row
    return Row(row.number, row.line, user)
