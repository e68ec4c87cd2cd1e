"""Others' collections of hard CSV: the rows are theirs, wherever the chunks end."""

import io
from collections.abc import Iterator

import pytest

from batch_processing.formats import dialects, planning, rows
from batch_processing.formats.dialects import Dialect
from batch_processing.formats.planning import Place, Unplannable
from tests import csv_suites
from tests.csv_suites import Case, Sample

# Its JSON has another telephone number than its CSV.
CONTRADICTORY = frozenset({"location_coordinates"})


@pytest.fixture(scope="module")
def spectrum(tmp_path_factory: pytest.TempPathFactory) -> list[Sample]:
    return csv_suites.spectrum(tmp_path_factory.mktemp("spectrum"))


@pytest.fixture(scope="module")
def papaparse(tmp_path_factory: pytest.TempPathFactory) -> list[Case]:
    return csv_suites.papaparse(tmp_path_factory.mktemp("papaparse"))


def split(file: bytes, dialect: Dialect, place: Place, size: int) -> Iterator[rows.Row]:
    """Cut a file into chunks, and each into rows, as planner and workers do."""
    read = io.BytesIO(file[place.offset :]).read
    for chunk in planning.cut(read, place, size=size, newline=dialect.end):
        first = {"first_row": chunk.first_row, "first_line": chunk.first_line}
        yield from rows.split(file[chunk.start : chunk.end], dialect, **first)


def read(sample: Sample, size: int) -> list[object]:
    columns = frozenset(sample.rows[0])
    told = dialects.detect(sample.file, format="csv", columns=columns, delimiter=None)
    found = list(split(sample.file, *told, size))
    for row in found:
        rows.fill(row, told[0])
    return [row.fields for row in found]


def test_every_file_of_csv_spectrum_has_its_rows_at_every_chunk_size(
    spectrum: list[Sample],
) -> None:
    assert len(spectrum) >= 12
    for sample in spectrum:
        if sample.name in CONTRADICTORY:
            continue
        for size in range(1, len(sample.file) + 1):
            assert read(sample, size) == sample.rows, (sample.name, size)


def texts(case: Case, size: int) -> list[tuple[int, int, str]] | str:
    """Give each row's number, line and text, or why the file cannot be cut."""
    file = case.text.encode()
    newline = "\r" if "\r" in case.text and "\n" not in case.text else "\n"
    dialect = Dialect("csv", [], newline=newline)
    try:
        return [(r.number, r.line, r.text) for r in split(file, dialect, Place(0, 1, 1), size)]
    except Unplannable as fault:
        return fault.code


def test_every_case_of_papaparse_has_the_same_rows_at_every_chunk_size(
    papaparse: list[Case],
) -> None:
    assert len(papaparse) >= 160
    for case in papaparse:
        whole = texts(case, planning.LARGEST_ROW)
        for size in range(1, len(case.text.encode()) + 1):
            assert texts(case, size) == whole, (case.name, size)


def values(text: str, width: int) -> list[str] | None:
    """Give a row's fields; None where it is refused."""
    dialect = Dialect("csv", [str(number) for number in range(width)])
    row = rows.Row(1, 1, text)
    rows.fill(row, dialect)
    return None if row.fields is None else list(row.fields.values())


def test_no_row_that_is_taken_is_another_than_papaparse_reads(papaparse: list[Case]) -> None:
    compared = 0
    for case in papaparse:
        found = texts(case, planning.LARGEST_ROW)
        if case.rows is None or isinstance(found, str):
            continue
        for _, _, text in found:
            given = [each for width in {*map(len, case.rows)} if (each := values(text, width))]
            assert all(each in case.rows for each in given), case.name
            compared += len(given)
    assert compared > 50
