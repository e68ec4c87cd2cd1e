"""A chunk's rows: each is a user or says what is wrong with it."""

from typing import Any

import pytest

from batch_processing.formats import rows
from batch_processing.formats.dialects import Dialect
from interchange.new_user import NewUser

USUAL = Dialect("csv", ["email", "name"])
ADA = b"ada@example.com,Ada\n"


def read(data: bytes, dialect: Dialect = USUAL) -> list[rows.Row]:
    return list(rows.read(data, dialect, NewUser, first_row=10, first_line=20))


def errors_of(data: bytes) -> list[dict[str, Any]]:
    """Give the errors of the first row, their texts left out."""
    found = read(data)[0]
    assert found.record is None
    assert all(each["detail"].endswith(".") or each["column"] for each in found.errors)
    assert all(each["row"] == found.number and each["line"] == found.line for each in found.errors)
    return [{"column": each["column"], "code": each["code"]} for each in found.errors]


def error(code: str, column: str | None = None) -> dict[str, Any]:
    return {"column": column, "code": code}


def test_a_good_row_is_a_user() -> None:
    (row,) = read(b'ada@example.com," Ada Lovelace "\r\n')

    assert row.record is not None
    assert (row.record.email, row.record.name) == ("ada@example.com", "Ada Lovelace")
    assert (row.number, row.line, row.errors) == (10, 20, [])


def test_columns_are_told_by_the_header() -> None:
    (row,) = read(b"Ada,ada@example.com\n", Dialect("csv", ["name", "email"]))

    assert row.record is not None
    assert row.record.name == "Ada"


@pytest.mark.parametrize(
    ("data", "errors"),
    [
        (b"ada@example.com\n", [error("field_count")]),
        (b"ada@example.com,Ada,\n", [error("field_count")]),
        (b" \n", [error("field_count")]),
        (b",\n", [error("field_invalid", "email"), error("field_invalid", "name")]),
        (b"ada@,Ada\n", [error("field_invalid", "email")]),
        (b"ada@example.com,\n", [error("field_invalid", "name")]),
        (b'ada@example.com,"A\nda"\n', [error("field_invalid", "name")]),
        (b"ada@example.com,A\0da\n", [error("field_invalid", "name")]),
        (b"ada@example.com," + b"x" * 201 + b"\n", [error("field_invalid", "name")]),
        (b"ada@example.com,Ad\xe4\n", [error("not_utf8", "name")]),
        (b"\xff@example.com,Ada\n", [error("not_utf8", "email")]),
        (b"ada@example.com,\xed\xa0\x80\n", [error("not_utf8", "name")]),
        (b'"ada@example.com"x,Ada\n', [error("row_malformed")]),
        (b'ada@example.com,"Ada" \n', [error("row_malformed")]),
        (b'ada@example.com,"Ada\n', [error("row_malformed")]),
    ],
)
def test_a_bad_row_says_what_is_wrong_with_it(data: bytes, errors: list[dict[str, Any]]) -> None:
    assert errors_of(data) == errors


@pytest.mark.parametrize(
    "bad", [b"x\n", b'"a"x,b\n', b"\xff,\xff\n", b"a,b,c\n", b'a,"b"c\n', b"@,@\n"]
)
def test_a_bad_row_stops_no_other(bad: bytes) -> None:
    found = read(ADA + bad + ADA)

    assert [row.record is None for row in found] == [False, True, False]
    assert [(row.number, row.line) for row in found] == [(10, 20), (11, 21), (12, 22)]


@pytest.mark.parametrize("blank", [b"\n", b"\r\n", b"\n\n\n"])
def test_blank_lines_are_counted_and_are_no_rows(blank: bytes) -> None:
    lines = blank.count(b"\n")
    first, second = read(ADA + blank + ADA)

    assert (first.number, first.line) == (10, 20)
    assert (second.number, second.line) == (11 + lines, 21 + lines)


def test_a_row_on_several_lines_is_one_row_on_its_first() -> None:
    found = read(b'ada@example.com,"A\nd\na"\n' + ADA)

    assert [(row.number, row.line) for row in found] == [(10, 20), (11, 23)]


def test_the_last_row_needs_no_line_end() -> None:
    assert [row.record is not None for row in read(ADA + ADA[:-1])] == [True, True]


def test_no_error_quotes_what_the_row_says() -> None:
    found = read(b"secret,\nsecret@example.com,x,secret\n" + b'"secret"secret,Ada\n')

    assert not [each for row in found for each in row.errors if "secret" in each["detail"]]


@pytest.mark.parametrize(
    ("dialect", "data"),
    [
        (Dialect("csv", ["email", "name"], ";"), b"a@b.co;Ada\nc@d.co;Cy\n"),
        (Dialect("csv", ["email", "name"], "\t"), b"a@b.co\tAda\r\nc@d.co\tCy\r\n"),
        (Dialect("csv", ["email", "name"], ",", "\r"), b'a@b.co,Ada\rc@d.co,"Cy"\r'),
        (
            Dialect("ndjson", ["email", "name"]),
            b'{"email":"a@b.co","name":"Ada"}\n{"name":"Cy","email":"c@d.co"}',
        ),
    ],
)
def test_rows_are_read_as_their_file_writes_them(dialect: Dialect, data: bytes) -> None:
    found = read(data, dialect)

    assert [(row.number, row.line, row.record.name) for row in found] == [
        (10, 20, "Ada"),
        (11, 21, "Cy"),
    ]


@pytest.mark.parametrize(
    ("line", "errors"),
    [
        (b"[]", [error("row_malformed")]),
        (b'{"email": "a@b.co"', [error("row_malformed")]),
        (b'{"email": "a@b.co", "email": "c@d.co", "name": "Ada"}', [error("row_malformed")]),
        (b'{"email": "a@b.co", "name": "\xe4"}', [error("not_utf8")]),
        (b'{"email": "a@b.co", "name": 1}', [error("field_invalid", "name")]),
        (b'{"email": "a@b.co"}', [error("field_invalid", "name")]),
        (b'{"email": "a@b.co", "name": "Ada", "age": 1}', [error("field_invalid", "age")]),
    ],
)
def test_a_bad_line_of_json_says_what_is_wrong_with_it(
    line: bytes, errors: list[dict[str, Any]]
) -> None:
    bad, good = read(line + b'\n{"email":"a@b.co","name":"Ada"}\n', Dialect("ndjson", []))

    assert [{"column": each["column"], "code": each["code"]} for each in bad.errors] == errors
    assert good.record is not None


def test_the_notes_of_a_result_file_are_not_read() -> None:
    dialect = Dialect("csv", ["_row", "email", "_code", "name"])
    (row,) = read(b"7,a@b.co,field_invalid,Ada\n", dialect)
    (line,) = read(b'{"email":"a@b.co","name":"Ada","_text":"x"}', Dialect("ndjson", []))

    assert row.fields == line.fields == {"email": "a@b.co", "name": "Ada"}
    assert row.record == line.record


def test_what_a_result_file_has_disarmed_is_armed_again() -> None:
    (row,) = read(b"a@b.co,'=1+1\n")

    assert row.record.name == "=1+1"


def test_a_field_may_be_as_long_as_a_row() -> None:
    (row,) = read(b'ada@example.com,"' + b"x" * 140_000 + b'"\n')

    assert errors_of(row.text.encode()) == [error("field_invalid", "name")]
