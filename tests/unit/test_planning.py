"""Cutting a CSV file: whatever is quoted, the chunks are whole rows with the right numbers."""

import csv
import io
import time
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch_processing.formats import dialects, planning, rows
from batch_processing.formats.dialects import Dialect
from batch_processing.formats.planning import Chunk, Place, Unplannable
from interchange.new_user import NewUser

HEADER = b"email,name\n"
COLUMNS = frozenset({"email", "name"})
BOM = b"\xef\xbb\xbf"

fields = st.one_of(
    st.text(alphabet='a",\n\r;é ', max_size=6),
    st.sampled_from(["a\r\nb", '"', '""', "\n\n", "ada@example.com"]),
)
# A lone CR is no line's end in a file of lines that end in LF or CRLF; its own test has it.
without_lone_cr = fields.filter(lambda each: "\r" not in each.replace("\r\n", ""))


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """Write a file by RFC 4180, its fields quoted where they must be or by whim."""
    end = draw(st.sampled_from(["\n", "\r\n"]))
    table = draw(st.lists(st.lists(without_lone_cr, min_size=1, max_size=3), max_size=8))
    lines = [",".join(quoted(field, draw(st.booleans())) for field in row) for row in table]
    text = end.join(["email,name", *lines]) + (end if draw(st.booleans()) else "")
    return (BOM if draw(st.booleans()) else b"") + text.encode()


def quoted(field: str, by_whim: bool) -> str:  # noqa: FBT001 - drawn
    needed = by_whim or any(each in field for each in '",\n\r')
    return '"' + field.replace('"', '""') + '"' if needed else field


def detected(file: bytes) -> tuple[Dialect, Place]:
    first = file[: dialects.HEADER_BYTES]
    return dialects.detect(first, format="csv", columns=COLUMNS, delimiter=None)


def planned(file: bytes, size: int = 32_768) -> tuple[Dialect, list[Chunk]]:
    dialect, place = detected(file)
    return dialect, cut(file, dialect, place, size)


def cut(file: bytes, dialect: Dialect, place: Place, size: int) -> list[Chunk]:
    read = io.BytesIO(file[place.offset :]).read
    found = planning.cut(read, place, size=size, newline=dialect.end, quote=dialect.quote)
    return list(found)


def fault(file: bytes, size: int = 32_768) -> Unplannable:
    with pytest.raises(Unplannable) as refused:
        planned(file, size)
    assert refused.value.detail.endswith(".")
    return refused.value


def header_length(file: bytes) -> int:
    return file.index(b"\n") + 1 if b"\n" in file else len(file)


type Read = tuple[int, int, dict[str, str] | None, list[str]]


def expected(file: bytes) -> list[Read]:
    """Read the file in one pass of Python's own reader: the oracle for rows and lines."""
    text = file.removeprefix(BOM).decode()
    reader = csv.reader(io.StringIO(text, newline="\n"), strict=True)
    header = next(reader)
    found, line = [], reader.line_num + 1
    for number, values in enumerate(reader, start=1):
        if values:
            fits = len(values) == len(header)
            fields = dict(zip(header, values, strict=True)) if fits else None
            found.append((number, line, fields, [] if fits else ["field_count"]))
        line = reader.line_num + 1
    return found


def read(file: bytes, dialect: Dialect, chunks: list[Chunk]) -> list[Read]:
    """Read the chunks as their workers do."""
    return [
        (row.number, row.line, row.fields, codes(row))
        for each in chunks
        for row in read_chunk(file, dialect, each)
    ]


def read_chunk(file: bytes, dialect: Dialect, chunk: Chunk) -> Iterator[rows.Row]:
    first = {"first_row": chunk.first_row, "first_line": chunk.first_line}
    return rows.read(file[chunk.start : chunk.end], dialect, NewUser, **first)


def codes(row: rows.Row) -> list[str]:
    """Give what is wrong with a row's form; what its fields say is another matter."""
    return [each["code"] for each in row.errors if each["code"] != "field_invalid"]


@given(files(), st.integers(0, 40))
def test_the_chunks_are_the_file_after_its_header(file: bytes, more: int) -> None:
    _, chunks = planned(file, 1 + more)

    assert b"".join(file[each.start : each.end] for each in chunks) == file[header_length(file) :]
    assert all(each.start < each.end for each in chunks)


@given(files(), st.integers(0, 40))
def test_the_chunks_rows_are_those_of_one_pass_with_their_numbers_and_lines(
    file: bytes, more: int
) -> None:
    dialect, chunks = planned(file, 1 + more)

    assert dialect.columns == ["email", "name"]
    assert read(file, dialect, chunks) == expected(file)


@given(files(), st.integers(1, 40), st.integers(0, 9))
def test_planning_can_go_on_at_any_chunk(file: bytes, size: int, index: int) -> None:
    dialect, chunks = planned(file, size)

    if chunks:
        behind = chunks[index % len(chunks)].behind
        rest = cut(file, dialect, behind, size)
        assert rest == chunks[index % len(chunks) + 1 :]


@given(files(), st.integers(1, 40), st.integers(1, 5))
def test_a_stream_may_give_less_than_it_is_asked_for(file: bytes, size: int, given: int) -> None:
    dialect, place = detected(file)
    stream = io.BytesIO(file[place.offset :])

    found = planning.cut(lambda count: stream.read(min(count, given)), place, size=size)

    assert list(found) == cut(file, dialect, place, size)


@given(files(), st.integers(0, 40))
def test_planning_twice_gives_the_same(file: bytes, more: int) -> None:
    size = 1 + more

    assert planned(file, size) == planned(file, size)


@pytest.mark.parametrize("size", [1, 5, 11, 16, 20, 64])
def test_a_lone_carriage_return_in_a_quoted_field_is_no_line(size: int) -> None:
    file = HEADER + b'"a\rb",1\n"c\rd",2\nx,3\n'
    dialect, chunks = planned(file, size)

    assert [row[:2] for row in read(file, dialect, chunks)] == [
        (1, 2),
        (2, 3),
        (3, 4),
    ]


@pytest.mark.parametrize("size", [1, 5, 11, 16, 20, 64])
def test_a_lone_carriage_return_ends_no_row(size: int) -> None:
    file = HEADER + b"a\rb,1\nc,2\nd,3\n"
    dialect, chunks = planned(file, size)

    assert [row[:2] for row in read(file, dialect, chunks)] == [
        (1, 2),
        (2, 3),
        (3, 4),
    ]


@pytest.mark.parametrize(
    "malformed",
    [
        pytest.param(b'"a"x,"\nevil@example.com,Eve\n"', id="text behind a closing quote"),
        pytest.param(b'a@b.c,"' + b"x" * 131_073 + b'\nevil@example.com,Eve\n"', id="a long field"),
    ],
)
def test_a_malformed_row_stays_one_row_and_its_inside_makes_no_user(malformed: bytes) -> None:
    file = HEADER + malformed + b"\nlast@example.com,Last\n"
    dialect, chunks = planned(file)

    found = [row for each in chunks for row in read_chunk(file, dialect, each)]

    assert [row.record.email for row in found if row.record] == ["last@example.com"]


def test_a_rows_number_and_line_do_not_depend_on_the_blocks_size() -> None:
    bare_quotes = b'a"b,1\nc"d,2\ne,3\nf,4\n'
    file = HEADER + bare_quotes * 4

    places = {tuple(row[:2] for row in read(file, *planned(file, size))) for size in range(1, 99)}

    assert len(places) == 1


def test_rows_are_counted_from_one_behind_the_header_and_lines_from_one() -> None:
    file = HEADER + b'a,"1\n1"\nb,2\n\nc,3\n'

    _, chunks = planned(file, 11)

    assert [(each.first_row, each.first_line, each.rows, each.lines) for each in chunks] == [
        (1, 2, 1, 2),
        (2, 4, 3, 3),
    ]


@pytest.mark.parametrize(("size", "at_most"), [(11, 40), (100, 40), (1000, 5)])
def test_there_is_about_a_chunk_for_every_block(size: int, at_most: int) -> None:
    file = HEADER + b"a@example.com,Ada\n" * 40

    assert len(planned(file, size)[1]) <= at_most


@pytest.mark.parametrize("file", [HEADER, b"email,name", HEADER[:-1] + b"\r\n", BOM + HEADER])
def test_a_file_without_rows_has_no_chunks(file: bytes) -> None:
    dialect, chunks = planned(file)

    assert (dialect.columns, chunks) == (["email", "name"], [])


@pytest.mark.parametrize(
    "header", [b'"email","name"\r\n', b'email,"name"\n', BOM + b'"email",name\n']
)
def test_a_header_may_be_quoted(header: bytes) -> None:
    assert planned(header + b"a,b\n")[1] == [Chunk(len(header), len(header) + 4, 1, 2, 1, 1)]


def test_columns_may_come_in_any_order() -> None:
    assert planned(b"name,email\n")[0].columns == ["name", "email"]


FAULTS = {
    "nothing": (b"", "header_missing"),
    "an empty line": (b"\n", "header_missing"),
    "a missing column": (b"email\n", "header_mismatch"),
    "a column twice": (b"email,name,name\n", "header_mismatch"),
    "an unknown column": (b"email,name,age\n", "header_mismatch"),
    "another case": (b"Email,Name\n", "header_mismatch"),
    "a space": (b"email, name\n", "header_mismatch"),
    "no header": (b"ada@example.com,Ada\n", "header_mismatch"),
    "Latin-1": (b"email,n\xe4me\n", "header_unreadable"),
    "an unclosed quote": (b'email,"name\na,b\n', "header_unreadable"),
    "text behind a quote": (b'"email"x,name\n', "header_unreadable"),
    "a line break in a column": (b'email,"name\n"\n', "header_mismatch"),
    "NUL": (b"email,name\0\n", "header_mismatch"),
}


@pytest.mark.parametrize(("file", "code"), FAULTS.values(), ids=FAULTS)
def test_a_file_with_another_header_is_no_import(file: bytes, code: str) -> None:
    assert fault(file).code == code


@pytest.mark.parametrize("size", [1, 11, 17, 64])
@pytest.mark.parametrize(
    ("body", "line"),
    [
        (b'a,b\nc,"d\ne,f\n', 3),
        (b'"', 2),
        (b'a,"b\n\nc"\nd,"e', 5),
        (b'a,"b\nc\nd\n', 2),
        (b'a,"say ""hi""\nb,c\n', 2),
        (b'"a\nb","c\nd\n', 3),
        (b'"a","b","","c\nd,e\n', 2),
    ],
)
def test_a_quote_that_is_never_closed_is_named_by_its_line(
    body: bytes, line: int, size: int
) -> None:
    found = fault(HEADER + body, size)

    assert found.code == "quote_unclosed"
    assert found.detail == f"The quote on line {line} is never closed."


def test_an_escaped_quote_is_not_taken_for_the_one_that_is_never_closed() -> None:
    found = fault(HEADER + b'a,"b\nc ""d""\ne,f\n')

    assert found.detail == "The quote on line 2 is never closed."


def test_a_row_of_the_largest_size_is_planned_and_one_of_more_is_not() -> None:
    block = 32_768
    row = b"a," + b"x" * (planning.LARGEST_ROW - 3) + b"\n"

    assert planned(HEADER + row, block)[1][0].end == len(HEADER + row)
    too_large = fault(HEADER + b"a,b\n" + row[:-1] + b"x\n", block)
    assert too_large.code == "row_too_large"
    assert too_large.detail.startswith("Row 2 ")


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (b'a@b.co,"Ann\n', 2),
        (b'a,b\nc,"d ""e""\n\n', 3),
        (b'a,"b\nc"\nd,"x"\n\ne,"f","g\n', 6),
    ],
)
def test_of_a_row_that_is_too_large_an_open_quote_is_named_by_its_line(
    body: bytes, line: int
) -> None:
    found = fault(HEADER + body + b"b@c.co,Bob\n" * 200_000, 32_768)

    assert found.code == "row_too_large"
    assert found.detail.endswith(f"the quote on line {line} is not closed within them.")


def seconds(size: int) -> float:
    """Time, of the processor alone, a field of so many quotes that is never closed."""
    file = HEADER + b'a,"' + b'""' * size
    start = time.process_time()
    fault(file)
    return time.process_time() - start


def test_a_field_of_many_quotes_takes_time_in_proportion_to_its_size() -> None:
    assert seconds(128_000) < 10 * max(seconds(32_000), 0.001)


@pytest.mark.parametrize("row", [b"\n", b"x\n", b'"\n"\n'])
def test_a_chunk_has_no_more_rows_than_a_worker_can_hold(row: bytes) -> None:
    file = HEADER + row * 45_000
    dialect, chunks = planned(file, 1_048_576)

    assert all(15_000 < each.rows <= planning.MOST_ROWS for each in chunks[:-1])
    assert b"".join(file[each.start : each.end] for each in chunks) == file[len(HEADER) :]
    assert sum(each.rows for each in chunks) == 45_000
    assert cut(file, dialect, chunks[0].behind, 1_048_576) == chunks[1:]


def test_a_long_row_that_many_tiny_ones_follow_is_a_chunk_of_its_own() -> None:
    long = b'"' + b"x\n" * 100 + b"y" * 700_000 + b'"\n'
    _, chunks = planned(HEADER + long + b"\n" * 60_000, 1_048_576)

    assert (chunks[0].rows, chunks[0].lines) == (1, 101)
    assert sum(each.rows for each in chunks) == 60_001


def test_a_gigabyte_is_planned_without_growth() -> None:
    """A file is never in memory whole: what is held is a chunk and what is read beyond it."""
    row = b'"user@example.com","Grace ""Amazing"" Hopper\nof the Navy, %s"\n' % (b"x" * 40)
    block = row * 10_000
    left = [1_073_741_824 // len(block) * len(block)]
    size = left[0]

    def read(count: int) -> bytes:
        at = (size - left[0]) % len(block)
        found = block[at : at + min(count, left[0])]
        left[0] -= len(found)
        return found

    tracemalloc.start()
    rows = sum(each.rows for each in planning.cut(read, Place(0, 1, 1), size=1_048_576))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert rows == size // len(block) * 10_000
    assert peak < 24_000_000


# What published collections of hard CSV files are about, each in a row or two of our columns.
HARD = {
    "a comma in quotes": 'a,"b,c"\nd,e\n',
    "empty fields": ",\n,x\nx,\n",
    "empty quoted fields": '"",""\nx,""\n',
    "escaped quotes": 'a,"say ""hi"""\n"""b""",c\n',
    "only quotes": '"""","""""",\n"",x\n',
    "JSON in a field": 'a,"{""k"": [1, ""x\ny""]}"\n',
    "line breaks of all kinds": 'a,"b\nc"\r\nd,"e\r\nf"\r\n',
    "line breaks at the ends of a field": 'a,"\nb\n"\n"\n\n",c\n',
    "other alphabets": "ʤ,ш\ná,日本\n",
    "blank lines": "\n\na,b\n\n\nc,d\n\n",
    "blanks beside commas": "a , b\n a,b \n",
    "blanks beside quotes": 'a, "b"\n"c" ,d\ne,f\n',
    "a quote in the middle": 'a"b,c\nd,e"\ng,h\n',
    "text behind a closing quote": '"a"b,c\n"d","e"f\ng,h\n',
    "a quote too many": 'a,"b"""\nc,d""\ne,f\n',
    "rows too short and too long": "a\na,b,c\nd,e\n,,,\n",
    "no line end at the end": 'a,b\n"c","d"',
    "a quoted field at the very end": 'a,"b\nc"',
    "a lone carriage return": 'a\rb,c\n"d\re",f\n',
    "a delimiter alone": ",\n",
    "tabs and semicolons": "a\tb,c;d\n",
    "NUL": "a\0,b\nc,d\n",
}


@pytest.mark.parametrize("body", HARD.values(), ids=HARD)
def test_a_hard_file_has_the_same_rows_at_every_chunk_size(body: str) -> None:
    file = HEADER + body.encode()
    whole = read(file, *planned(file))

    for size in range(1, len(file) + 1):
        assert read(file, *planned(file, size)) == whole, size
