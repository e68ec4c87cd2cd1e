"""JSON: what two parsers could read in two ways is refused, and nothing else."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interchange import strict_json
from interchange.errors import BadRequest

numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
json_values = st.recursive(
    st.none() | st.booleans() | numbers | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)

NOT_JSON = {
    "nothing": b"",
    "a byte order mark": b"\xef\xbb\xbf{}",
    "a constant of JavaScript": b'{"a": NaN}',
    "infinity": b"[-Infinity]",
    "a number beyond a double": b"[1e999]",
    "a number with too many digits": b"9" * 5000,
    "a number that begins with zero": b"[01]",
    "a name twice": b'{"a": 1, "a": 2}',
    "a name twice, once escaped": b'{"a": 1, "\\u0061": 2}',
    "a name twice, further down": b'[{"b": {"a": 1, "a": 1}}]',
    "lists without end": b"[" * 200_000,
    "objects without end": b'{"a":' * 50_000,
    "very many lists": b"[" * 100_000 + b"]" * 100_000,
    "half a surrogate pair": b'"\\ud83d"',
    "half a surrogate pair as a name": b'{"\\ude00": 1}',
    "a surrogate pair the wrong way round": b'"\\ude00\\ud83d"',
    "bytes that are not UTF-8": b'"\xff"',
    "an overlong encoding": b'"\xc0\xaf"',
    "a surrogate in UTF-8": b'"\xed\xa0\xbd"',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "a control character": b'"a\nb"',
    "two values": b"{} {}",
    "a trailing comma": b"[1,]",
    "a comment": b"{} // yes",
    "single quotes": b"{'a': 1}",
}


@pytest.mark.parametrize("raw", NOT_JSON.values(), ids=NOT_JSON)
def test_what_is_not_strictly_json_is_refused(raw: bytes) -> None:
    with pytest.raises(BadRequest) as refused:
        strict_json.loads(raw)

    assert refused.value.code == "malformed_json"
    assert refused.value.detail.endswith(".")


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b" \r\n\t1 ", 1),
        (b'"\\ud83d\\ude00"', "😀"),
        ('"😀"'.encode(), "😀"),
        (b'"\\u0000\\\\ud83d"', "\0\\ud83d"),
        (b'[{"a": 1}, {"a": 1}]', [{"a": 1}, {"a": 1}]),
        (b"9" * 4000, int("9" * 4000)),
        (b"-1.5e308", -1.5e308),
    ],
)
def test_unusual_json_is_read(raw: bytes, value: Any) -> None:
    assert strict_json.loads(raw) == value


@given(json_values, st.booleans())
def test_any_json_is_read_as_it_was_written(value: Any, ascii_only: bool) -> None:  # noqa: FBT001 - generated
    assert strict_json.loads(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


@given(st.binary())
def test_any_bytes_are_a_value_or_a_bad_request(raw: bytes) -> None:
    with contextlib.suppress(BadRequest):
        strict_json.loads(raw)
