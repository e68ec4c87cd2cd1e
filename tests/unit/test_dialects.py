"""Telling how a file is written by its first bytes."""

import pytest

from batch_processing.formats import dialects
from batch_processing.formats.dialects import Dialect
from batch_processing.formats.planning import Place, Unplannable

COLUMNS = frozenset({"email", "name"})


def detect(
    first: bytes, *, format: str = "csv", delimiter: str | None = None
) -> tuple[Dialect, Place]:
    return dialects.detect(first, format=format, columns=COLUMNS, delimiter=delimiter)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_delimiter_and_line_end_are_told_by_the_header(delimiter: str, end: str, mark: str) -> None:
    header = f'{mark}email{delimiter}"name"{end}'
    dialect, place = detect(f"{header}a{delimiter}b{end}".encode())

    assert (dialect.columns, dialect.delimiter) == (["email", "name"], delimiter)
    assert dialect.newline == ("\r" if end == "\r" else "\n")
    assert place == Place(len(header.encode()), 1, 2)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_spreadsheets_hint_is_a_line_and_no_row(end: str) -> None:
    first = f"sep=;{end}email;name{end}"
    dialect, place = detect(f"{first}a;b{end}".encode())

    assert (dialect.delimiter, place) == (";", Place(len(first), 1, 3))


def test_a_carriage_return_in_quotes_ends_no_line() -> None:
    dialect, _ = detect(b'email,name\na,"b\rc"\n')

    assert dialect.newline == "\n"


def test_a_given_delimiter_is_the_only_one_tried() -> None:
    assert detect(b"email;name\n", delimiter=";")[0].delimiter == ";"
    with pytest.raises(Unplannable, match="columns"):
        detect(b"email;name\n", delimiter=",")


def test_notes_may_stand_among_the_columns() -> None:
    dialect, _ = detect(b"_row,email,name,_code\n")

    assert dialect.columns == ["_row", "email", "name", "_code"]


@pytest.mark.parametrize("header", [b"_row,_row,email,name\n", b"email,name,_other\n"])
def test_a_note_comes_once_and_is_one_of_ours(header: bytes) -> None:
    with pytest.raises(Unplannable) as refused:
        detect(header)

    assert refused.value.code == "header_mismatch"


def test_a_first_row_without_end_is_no_header() -> None:
    with pytest.raises(Unplannable) as refused:
        detect(b"x" * dialects.HEADER_BYTES)

    assert refused.value.code == "header_unreadable"


def test_lines_of_json_have_no_header() -> None:
    dialect, place = detect(b'\xef\xbb\xbf{"email": 1}', format="ndjson")

    assert (dialect.columns, dialect.quote, place) == (["email", "name"], None, Place(3, 1, 1))


@pytest.mark.parametrize(
    ("text", "encoding", "name"),
    [
        ("\ufeffe", "utf-8", "utf-8"),
        ("\ufeffe", "utf-16-le", "utf-16-le"),
        ("\ufeffe", "utf-16-be", "utf-16-be"),
        ("e", "utf-8", "utf-8"),
        ("", "utf-8", "utf-8"),
    ],
)
def test_an_encoding_is_told_by_its_mark(text: str, encoding: str, name: str) -> None:
    assert dialects.encoding(text.encode(encoding))[0] == name


def test_a_dialect_survives_its_job_row() -> None:
    dialect = Dialect("csv", ["a"], "\t", "\r")

    assert dialects.of(dialect.as_item()) == dialect
