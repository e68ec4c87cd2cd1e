"""What is exported can be read again, cell for cell, by Python's own readers and by an import."""

import csv
import gzip
import io
import json
from collections.abc import Iterable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from batch_processing.exporting.sheets import Sheet
from batch_processing.formats import dialects, planning, rows
from batch_processing.formats.dialects import Dialect
from batch_processing.formats.planning import Place
from interchange.store import Item

COLUMNS = ["email", "name"]
# Whatever a row may hold: UTF-8 has no surrogates.
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
AWKWARD = st.sampled_from(["=1+1", "'=x", "-5", "+1 2", "@a", "\tx", "\rx", "\ufeff", '"', "\r\n"])
CELLS = st.lists(st.tuples(TEXT | AWKWARD, TEXT | AWKWARD), max_size=20)


def asked(**given: object) -> Item:
    return {"columns": COLUMNS, "format": "csv", "compression": None, **given}


def pieces(table: Iterable[tuple[str, str]], size: int = 3, **given: object) -> bytes:
    """Write a file in pieces of some rows, the first of which has the header."""
    found, users = b"", [dict(zip(COLUMNS, row, strict=True)) for row in table]
    for start in range(0, max(1, len(users)), size):
        sheet = Sheet(asked(**given), has_header=start == 0)
        sheet.write(users[start : start + size])
        found += sheet.end()
    return found


def imported(file: bytes, dialect: Dialect, place: Place) -> list[tuple[str, str]]:
    """Read a file as an import does, chunk by chunk; each row must fit its columns."""
    found = []
    read = io.BytesIO(file[place.offset :]).read
    for chunk in planning.cut(read, place, size=40, newline=dialect.end, quote=dialect.quote):
        data, first = file[chunk.start : chunk.end], (chunk.first_row, chunk.first_line)
        for row in rows.split(data, dialect, first_row=first[0], first_line=first[1]):
            rows.fill(row, dialect)
            assert row.fields is not None, row.errors
            found.append((row.fields["email"], row.fields["name"]))
    return found


# What no name may hold today, but an export of anything else might.
IN_LINES = ("Ann\nBob", '"Ann"\r\n\r\n=Bob,')


@given(CELLS)
@example([IN_LINES, ("\n", "\r"), IN_LINES])
def test_an_import_reads_the_cells_of_csv_as_they_were(table: list[tuple[str, str]]) -> None:
    file = pieces(table)

    found = dialects.detect(file, format="csv", columns=frozenset(COLUMNS), delimiter=None)

    assert imported(file, *found) == table


@given(CELLS)
def test_an_import_reads_the_values_of_json_as_they_were(table: list[tuple[str, str]]) -> None:
    file = pieces(table, format="ndjson")
    found = dialects.detect(file, format="ndjson", columns=frozenset(COLUMNS), delimiter=None)

    assert imported(file, *found) == table
    assert [tuple(json.loads(each).values()) for each in file.splitlines()] == table


@given(CELLS)
def test_no_cell_of_csv_is_a_formula(table: list[tuple[str, str]]) -> None:
    reader = csv.reader(io.StringIO(pieces(table).decode(), newline=""), strict=True)

    found = [cell for row in reader for cell in row]

    assert len(found) == 2 * len(table) + 2
    assert all(each[:1] not in tuple("=+-@\t\r") or is_number(each) for each in found)


def is_number(text: str) -> bool:
    return text.lstrip("+-").replace(".", "", 1).isdigit()


@given(CELLS, st.integers(1, 5))
def test_pieces_that_are_packed_join_to_one_file(table: list[tuple[str, str]], size: int) -> None:
    assert gzip.decompress(pieces(table, size, compression="gzip")) == pieces(table, 99)


def test_columns_come_in_the_order_that_was_asked_for_and_numbers_as_they_are() -> None:
    user = {"id": "usr_1", "version": 3, "name": "-5", "email": "+a@b.co"}
    columns = ["version", "name", "email"]

    csv_sheet = Sheet(asked(columns=columns), has_header=True)
    csv_sheet.write([user])
    lines = Sheet(asked(columns=columns, format="ndjson"), has_header=True)
    lines.write([user])

    assert csv_sheet.end() == b"version,name,email\n3,-5,'+a@b.co\n"
    assert lines.end() == b'{"version": 3, "name": "-5", "email": "+a@b.co"}\n'


@pytest.mark.parametrize("compression", [None, "gzip"])
def test_nothing_written_is_nothing(compression: str | None) -> None:
    sheet = Sheet(asked(compression=compression), has_header=False)
    sheet.write([])

    assert sheet.end() == b""
