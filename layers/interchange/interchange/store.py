"""Rows: conditional writes and nothing else, so that twice, late and halfway are safe.

Items are plain dicts of str, int, bool, bytes, None, list and dict. boto3's own serializer is five
times slower, reads numbers as Decimal and needs all of boto3 (docs/decisions.md). In expressions
every attribute is written `#name` and every value `:name`; the two maps are derived from that.
"""

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ClientError

from interchange import aws

type Item = dict[str, Any]

_NAMES = re.compile(r"#(\w+)")


class ConditionFailed(Exception):
    """The row is not in the state that the write expected; `item` is the row as it is, or empty."""

    def __init__(self, item: Item) -> None:
        super().__init__("the row's condition does not hold")
        self.item = item


def get(table: str, key: Item) -> Item | None:
    """Read one row, consistently: an answer never denies what was just acknowledged."""
    found = aws.dynamodb().get_item(TableName=table, Key=pack(key), ConsistentRead=True)
    return unpack(found["Item"]) if "Item" in found else None


def put_new(table: str, item: Item, *, key: str = "id") -> None:
    """Write a row that must not exist yet; ConditionFailed carries the one that does."""
    with _conditions():
        aws.dynamodb().put_item(
            TableName=table,
            Item=pack(item),
            ConditionExpression="attribute_not_exists(#key)",
            ExpressionAttributeNames={"#key": key},
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )


def update(table: str, key: Item, change: str, *, when: str, values: Item) -> Item:
    """Change a row if `when` holds and return it as it is now; each change counts `version` up."""
    expression = f"{change} ADD #version :one_version"
    with _conditions():
        updated = aws.dynamodb().update_item(
            TableName=table,
            Key=pack(key),
            UpdateExpression=expression,
            ConditionExpression=when,
            ExpressionAttributeNames=_names(expression, when),
            ExpressionAttributeValues=pack({f":{k}": v for k, v in values.items()})
            | {":one_version": {"N": "1"}},
            ReturnValues="ALL_NEW",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    return unpack(updated["Attributes"])


def query(table: str, where: str, values: Item) -> Iterator[Item]:
    """Read every row of a partition that matches the key condition, consistently, page by page."""
    pages = aws.dynamodb().get_paginator("query")
    for page in pages.paginate(
        TableName=table,
        KeyConditionExpression=where,
        ExpressionAttributeNames=_names(where),
        ExpressionAttributeValues=pack({f":{k}": v for k, v in values.items()}),
        ConsistentRead=True,
    ):
        yield from map(unpack, page["Items"])


def pack(item: Mapping[str, Any]) -> dict[str, Any]:
    """Write a plain dict in DynamoDB's typed form."""
    return {name: _typed(value) for name, value in item.items()}


def unpack(item: Mapping[str, Any]) -> Item:
    """Read DynamoDB's typed form back into a plain dict."""
    return {name: _plain(value) for name, value in item.items()}


def _names(*expressions: str) -> dict[str, str]:
    return {f"#{name}": name for text in expressions for name in _NAMES.findall(text)}


def _typed(value: Any) -> dict[str, Any]:
    return _WRITERS[type(value)](value)


_WRITERS: dict[type, Callable[[Any], dict[str, Any]]] = {
    str: lambda value: {"S": value},
    int: lambda value: {"N": str(value)},
    bool: lambda value: {"BOOL": value},
    bytes: lambda value: {"B": value},
    type(None): lambda _: {"NULL": True},
    list: lambda value: {"L": [_typed(each) for each in value]},
    dict: lambda value: {"M": pack(value)},
}


def _plain(typed: Mapping[str, Any]) -> Any:
    ((kind, value),) = typed.items()
    read = _READERS.get(kind)
    return value if read is None else read(value)


_READERS: dict[str, Callable[[Any], Any]] = {
    "N": int,
    "B": lambda value: value if isinstance(value, bytes) else base64.b64decode(value),  # in streams
    "NULL": lambda _: None,
    "L": lambda value: [_plain(each) for each in value],
    "M": unpack,
}


@contextmanager
def _conditions() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        item: Item = error.response.get("Item", {})  # type: ignore[assignment]  # not in the stubs
        raise ConditionFailed(unpack(item)) from error
