"""Result files: what a spreadsheet, a person and the next import read."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch_processing.formats import cells, json_array, rows
from batch_processing.formats.dialects import Dialect
from batch_processing.importing import results
from interchange.new_user import NewUser

CSV = Dialect("csv", ["email", "_row", "name"], ";")
JSON = Dialect("ndjson", ["email", "name"])

texts = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


def row(text: str, dialect: Dialect) -> rows.Row:
    data = text.encode("utf-8", "surrogateescape")
    (found,) = rows.read(data, dialect, NewUser, first_row=3, first_line=7)
    return found


@given(texts)
def test_a_cell_is_what_it_was_once_it_is_read_again(cell: str) -> None:
    assert cells.unescaped(cells.escaped(cell)) == cell


@pytest.mark.parametrize("cell", ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "'=1", "''@"])
def test_what_a_spreadsheet_would_run_is_disarmed(cell: str) -> None:
    assert cells.escaped(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "-1", "+49.5", "'s Gravenhage", "a=b"])
def test_what_it_would_not_run_is_left_alone(cell: str) -> None:
    assert cells.escaped(cell) == cell


@pytest.mark.parametrize("dialect", [CSV, JSON])
@given(email=texts, name=texts)
def test_a_file_is_read_as_it_was_written(dialect: Dialect, email: str, name: str) -> None:
    about: dict[str, Any] = {"_row": 3, "_line": 4, "_status": "created", "_id": "usr_1"}
    record = {"email": email, "name": name} | about

    data = results.header("succeeded", dialect) + results.render([record], "succeeded", dialect)

    body = data.removeprefix(results.header("succeeded", dialect))
    assert results.parse(body, "succeeded", dialect) == [record]


def test_a_file_has_the_uploads_own_columns_first() -> None:
    assert results.header("failed", CSV) == (b"email;name;_row;_line;_column;_code;_detail;_text\n")
    assert results.header("failed", JSON) == b""


def test_a_failed_row_says_where_and_why_and_keeps_its_fields() -> None:
    bad = row("nobody;3;\n", CSV)

    assert results.failed(bad) == {
        "email": "nobody",
        "name": "",
        "_row": 3,
        "_line": 7,
        "_text": "",
        "_column": "email",
        "_code": "field_invalid",
        "_detail": "email: Must be an e-mail address;"
        " name: String should have at least 1 character",
    }


@pytest.mark.parametrize("text", ['"a"b;1;c\n', "a;b\n", "\udcff;1;c\n"])
def test_a_row_that_fits_no_columns_is_kept_as_text_and_cannot_pass_unmended(text: str) -> None:
    record = results.failed(row(text, CSV))

    shown = text.rstrip("\n").replace("\udcff", "\\xff")
    assert (record["_text"], "email" in record) == (shown, False)
    again = results.render([record], "failed", CSV).decode()
    columns = results.names("failed", CSV)
    assert row(again, Dialect("csv", columns, ";")).errors


@pytest.mark.parametrize(
    "array", ['[{"a": "b,]"}, {"c":\n [1, "\\n"]}]', " [ ] ", "[1,2]", '["\\u0000"]']
)
def test_an_array_is_cut_into_its_elements(array: str) -> None:
    found = list(json_array.elements(array))

    assert [json.loads(each) for each in found] == json.loads(array)
    assert not any("\n" in each for each in found)


@pytest.mark.parametrize(
    "text", ["", "{}", "[", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1]]", "[1]x", "1"]
)
def test_what_is_no_array_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        list(json_array.elements(text))


@pytest.mark.parametrize("text", ["," * 140_000, "x" * 140_000, "\udcff" * 900_000])
def test_a_row_of_any_size_is_read_back_from_a_result_file(text: str) -> None:
    found = row(text, CSV)
    record = results.failed(found)

    (again,) = results.parse(results.render([record], "failed", CSV), "failed", CSV)

    assert (again["_row"], again["_text"]) == (3, record["_text"])
