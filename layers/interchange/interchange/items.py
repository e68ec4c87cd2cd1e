"""Rows as plain dicts, and in DynamoDB's typed form.

Items are dicts of str, int, bool, bytes, None, list and dict. boto3's own serializer is five times
slower, reads numbers as Decimal and needs all of boto3 (docs/decisions.md).
"""

import base64
from collections.abc import Callable, Mapping
from typing import Any

type Item = dict[str, Any]


def pack(item: Mapping[str, Any]) -> dict[str, Any]:
    """Write a plain dict in DynamoDB's typed form."""
    return {name: _typed(value) for name, value in item.items()}


def unpack(item: Mapping[str, Any]) -> Item:
    """Read DynamoDB's typed form back into a plain dict."""
    return {name: _plain(value) for name, value in item.items()}


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
    "B": lambda value: (
        value if isinstance(value, bytes) else base64.b64decode(value)
    ),  # on the wire
    "NULL": lambda _: None,
    "L": lambda value: [_plain(each) for each in value],
    "M": unpack,
}
