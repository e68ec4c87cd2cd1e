"""Rows in DynamoDB's typed form; boto3's own serializer is the oracle."""

import base64
from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.types import Binary, TypeDeserializer, TypeSerializer
from hypothesis import given
from hypothesis import strategies as st

from interchange import items, store

MANY_DIGITS = 10**38 - 1  # what DynamoDB keeps of a number

values = st.recursive(
    st.none() | st.booleans() | st.integers(-MANY_DIGITS, MANY_DIGITS) | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
rows = st.dictionaries(st.text(max_size=5), values, max_size=5)


def plain(value: Any) -> Any:
    """Write what boto3 reads in our types."""
    match value:
        case Decimal():
            return int(value)
        case Binary():
            return bytes(value)  # type: ignore[call-overload]  # the stubs miss it
        case list():
            return [plain(each) for each in value]
        case dict():
            return {name: plain(each) for name, each in value.items()}
    return value


def in_stream(typed: Any) -> Any:
    """Write bytes as the JSON of a stream's event has them."""
    match typed:
        case {"B": bytes() as raw}:
            return {"B": base64.b64encode(raw).decode()}
        case dict():
            return {name: in_stream(each) for name, each in typed.items()}
        case list():
            return [in_stream(each) for each in typed]
    return typed


@given(rows)
def test_a_row_is_written_as_boto3_writes_it(item: dict[str, Any]) -> None:
    serialize = TypeSerializer().serialize

    assert items.pack(item) == {name: serialize(value) for name, value in item.items()}


@given(rows)
def test_a_row_is_read_as_boto3_reads_it(item: dict[str, Any]) -> None:
    packed, deserialize = items.pack(item), TypeDeserializer().deserialize

    assert items.unpack(packed) == {name: plain(deserialize(packed[name])) for name in packed}


@given(rows)
def test_a_row_is_read_as_it_was_written_from_a_table_and_from_a_stream(
    item: dict[str, Any],
) -> None:
    assert items.unpack(items.pack(item)) == item
    assert items.unpack(in_stream(items.pack(item))) == item


@pytest.mark.parametrize(("value", "kind"), [(True, "BOOL"), (1, "N"), (b"", "B"), (None, "NULL")])
def test_a_value_keeps_its_type(value: Any, kind: str) -> None:
    assert list(items.pack({"a": value})["a"]) == [kind]


@pytest.mark.parametrize("value", [1.5, Decimal(1), {1, 2}, object()])
def test_a_row_holds_nothing_that_would_come_back_as_something_else(value: Any) -> None:
    with pytest.raises((KeyError, TypeError)):
        items.pack({"a": [value]})


def test_the_names_of_an_expression_are_those_it_uses() -> None:
    assert store._names("SET #a = :a", "#b_c = :d AND #a > :e") == {"#a": "a", "#b_c": "b_c"}
