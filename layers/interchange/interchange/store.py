"""Rows: conditional writes and nothing else, so that twice, late and halfway are safe.

In expressions every attribute is written `#name` and every value `:name`; DynamoDB's two maps of
names and values are derived from that.
"""

import itertools
import random
import re
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import cache
from itertools import batched
from typing import Any, Literal, NamedTuple

from botocore.exceptions import ClientError

from interchange import aws
from interchange.items import Item as Item  # noqa: PLC0414 - callers speak of store.Item
from interchange.items import pack, unpack

_TRANSACTION_ATTEMPTS = 5
_PAGE = 1000
_KEYS = 100  # of BatchGetItem
_NAMES = re.compile(r"#(\w+)")

type Order = Literal["asc", "desc"]


class ConditionFailed(Exception):
    """The row is not in the state that the write expected; `item` is the row as it is, or empty."""

    def __init__(self, item: Item) -> None:
        super().__init__("the row's condition does not hold")
        self.item = item


def get(table: str, key: Item) -> Item | None:
    """Read one row, consistently: an answer never denies what was just acknowledged."""
    found = aws.dynamodb().get_item(TableName=table, Key=pack(key), ConsistentRead=True)
    return unpack(found["Item"]) if "Item" in found else None


def has_expired(row: Item, *, now: datetime) -> bool:
    """Tell whether a row's retention has ended: TTL deletes it days later."""
    return bool(row["expires_epoch"] <= now.timestamp())


def get_all(table: str, keys: Iterable[Item]) -> Iterator[Item]:
    """Read rows by key, consistently, 100 a request; those that do not exist are left out."""
    for batch in batched(keys, _KEYS, strict=False):
        asked = {table: {"Keys": [pack(each) for each in batch], "ConsistentRead": True}}
        for _, row in _batch(asked):
            yield row


def get_many(table: str, ids: Iterable[str]) -> dict[str, Item]:
    """Read rows by `id`, consistently; those that do not exist are left out."""
    return {row["id"]: row for row in get_all(table, ({"id": each} for each in ids))}


def get_each(keys: Sequence[tuple[str, Item]]) -> list[Item | None]:
    """Read a row of each of some tables, consistently, in one call; None where there is none."""
    asked = {table: {"Keys": [pack(key)], "ConsistentRead": True} for table, key in keys}
    found = dict(_batch(asked))
    return [found.get(table) for table, _ in keys]


def _batch(asked: Any) -> Iterator[tuple[str, Item]]:
    """Read until nothing is left: an answer has 16 MB at most, and names the rest."""
    for attempt in itertools.count():
        answer = aws.dynamodb().batch_get_item(RequestItems=asked)
        for table, rows in answer["Responses"].items():
            for row in rows:
                yield table, unpack(row)
        asked = answer.get("UnprocessedKeys")
        if not asked:
            return
        _pause(attempt)


def put_new(table: str, item: Item, *, key: str = "id") -> None:
    """Write a row that must not exist yet; ConditionFailed carries the one that does."""
    put(table, item, when=f"attribute_not_exists(#{key})")


def put(table: str, item: Item, *, when: str, values: Item | None = None) -> None:
    """Write a row, new or in another's place, if `when` holds for what is there."""
    with _conditions():
        aws.dynamodb().put_item(**_put(table, item, when, values or {}))


def update(table: str, key: Item, change: str, *, when: str, values: Item) -> Item:
    """Change a row if `when` holds and return it as it is now; each change counts `version` up."""
    with _conditions():
        updated = aws.dynamodb().update_item(
            **_update(table, key, change, when, values), ReturnValues="ALL_NEW"
        )
    return unpack(updated["Attributes"])


def change(table: str, key: Item, change: str, *, when: str, values: Item) -> None:
    """Change a row as `update` does, for who need not see it: half the answer's cost."""
    with _conditions():
        aws.dynamodb().update_item(**_update(table, key, change, when, values))


def delete(table: str, key: Item, *, when: str, values: Item | None = None) -> Item:
    """Delete a row if `when` holds and return it as it was."""
    with _conditions():
        deleted = aws.dynamodb().delete_item(
            TableName=table,
            Key=pack(key),
            ConditionExpression=when,
            ExpressionAttributeNames=_names(when),
            **_given(values or {}),
            ReturnValues="ALL_OLD",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    return unpack(deleted["Attributes"])


def discard(table: str, key: Item) -> None:
    """Delete a row, if an earlier try has not."""
    with suppress(ConditionFailed):
        delete(table, key, when="attribute_exists(#id)")


def setting(names: Iterable[str]) -> str:
    """Write the change that sets attributes to the values of the same names."""
    return "SET " + ", ".join(f"#{name} = :{name}" for name in names)


class Write(NamedTuple):
    """One write of a transaction, for `transact`."""

    request: Any


def putting_new(table: str, item: Item, *, key: str = "id") -> Write:
    """Write a row that must not exist yet, as part of a transaction."""
    return putting(table, item, when=f"attribute_not_exists(#{key})")


def putting(table: str, item: Item, *, when: str, values: Item | None = None) -> Write:
    """Write a row if `when` holds for what is there, as part of a transaction."""
    return Write({"Put": _put(table, item, when, values or {})})


def updating(table: str, key: Item, change: str, *, when: str, values: Item) -> Write:
    """Change a row if `when` holds, as part of a transaction."""
    return Write({"Update": _update(table, key, change, when, values)})


def deleting(table: str, key: Item, *, when: str, values: Item | None = None) -> Write:
    """Delete a row if `when` holds, as part of a transaction."""
    return Write(
        {
            "Delete": {
                "TableName": table,
                "Key": pack(key),
                "ConditionExpression": when,
                "ExpressionAttributeNames": _names(when),
                **_given(values or {}),
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        }
    )


class Refused(NamedTuple):
    """What became of one write of a refused transaction: did its condition fail, and over what."""

    failed: bool
    item: Item


class TransactionRefused(Exception):
    """Nothing was written: `writes` says of each whether its condition failed.

    None did where other writers were at the same rows each time: the same again may succeed.
    """

    def __init__(self, writes: list[Refused]) -> None:
        super().__init__("the transaction was refused")
        self.writes = writes


def transact(writes: Sequence[Write]) -> None:
    """Carry out all writes (at most 100) or none; try again where others are at the same rows."""
    for attempt in range(_TRANSACTION_ATTEMPTS):
        try:
            # The token lets botocore send it again after an answer was lost.
            aws.dynamodb().transact_write_items(
                TransactItems=[each.request for each in writes],
                ClientRequestToken=str(uuid.uuid4()),
            )
        except aws.dynamodb().exceptions.TransactionCanceledException as canceled:
            refused = [_refused(each) for each in canceled.response["CancellationReasons"]]
            if attempt == _TRANSACTION_ATTEMPTS - 1 or any(each.failed for each in refused):
                raise TransactionRefused(refused) from canceled
            _pause(attempt)
        else:
            return


def _pause(attempt: int) -> None:
    time.sleep(random.uniform(0, 0.05 * 2 ** min(attempt, 5)))  # noqa: S311 - spreads, guards nothing


def _refused(reason: Mapping[str, Any]) -> Refused:
    return Refused(reason["Code"] == "ConditionalCheckFailed", unpack(reason.get("Item") or {}))


def index_rows(table: str, index: str, where: str, values: Item) -> Iterator[Item]:
    """Read every row of an index's partition; eventually consistent, as indexes are."""
    after: Item | None = None
    while True:
        page = index_page(table, index, where, values, size=_PAGE, after=after)
        yield from page.items
        after = page.last_key
        if after is None:
            return


def query(table: str, where: str, values: Item) -> Iterator[Item]:
    """Read every row of a partition that matches the key condition, consistently, page by page."""
    pages = aws.dynamodb().get_paginator("query")
    for page in pages.paginate(
        TableName=table,
        KeyConditionExpression=where,
        ExpressionAttributeNames=_names(where),
        ExpressionAttributeValues=_values(values),
        ConsistentRead=True,
    ):
        yield from map(unpack, page["Items"])


def first(table: str, where: str, values: Item) -> Item | None:
    """Read the first row of a partition that matches the key condition, consistently."""
    found = aws.dynamodb().query(
        TableName=table,
        KeyConditionExpression=where,
        ExpressionAttributeNames=_names(where),
        ExpressionAttributeValues=_values(values),
        ConsistentRead=True,
        Limit=1,
    )["Items"]
    return unpack(found[0]) if found else None


def scan(table: str) -> Iterator[Item]:
    """Read every row of a table, consistently: for tables that are small."""
    for page in aws.dynamodb().get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        yield from map(unpack, page["Items"])


class Page(NamedTuple):
    """Some rows, and the key to go on from; None at the end."""

    items: list[Item]
    last_key: Item | None


def scan_page(table: str, *, size: int, after: Item | None) -> Page:
    """Read a page of a table in the order of its hashed keys: arbitrary, and always the same."""
    return _page(aws.dynamodb().scan(TableName=table, Limit=size, **_after(after)))


def scan_segment(
    table: str, segment: int, segments: int, *, names: list[str], size: int, after: Item | None
) -> Page:
    """Read a page of one of a table's shares, consistently, of each row these attributes alone."""
    projection = ", ".join(f"#{name}" for name in names)
    answer = aws.dynamodb().scan(
        TableName=table,
        Segment=segment,
        TotalSegments=segments,
        ProjectionExpression=projection,
        ExpressionAttributeNames=_names(projection),
        ConsistentRead=True,
        Limit=size,
        **_after(after),
    )
    return _page(answer)


def index_page(
    table: str,
    index: str,
    where: str,
    values: Item,
    *,
    size: int,
    after: Item | None,
    order: Order = "asc",
    only: str | None = None,
) -> Page:
    """Read a page of an index's partition, in the order of its sort key; `only` leaves rows out."""
    filtered: dict[str, Any] = {} if only is None else {"FilterExpression": only}
    answer = aws.dynamodb().query(
        TableName=table,
        IndexName=index,
        KeyConditionExpression=where,
        ExpressionAttributeNames=_names(where, only or ""),
        ExpressionAttributeValues=_values(values),
        Limit=size,
        ScanIndexForward=order == "asc",
        **filtered,
        **_after(after),
    )
    return _page(answer)


def _after(key: Item | None) -> dict[str, Any]:
    return {} if key is None else {"ExclusiveStartKey": pack(key)}


def _page(answer: Mapping[str, Any]) -> Page:
    last = answer.get("LastEvaluatedKey")
    return Page([unpack(item) for item in answer["Items"]], last and unpack(last))


def _put(table: str, item: Item, when: str, values: Item) -> Any:
    return {
        "TableName": table,
        "Item": pack(item),
        "ConditionExpression": when,
        "ExpressionAttributeNames": _names(when),
        **_given(values),
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }


def _update(table: str, key: Item, change: str, when: str, values: Item) -> Any:
    expression = f"{change} ADD #version :one_version"
    return {
        "TableName": table,
        "Key": pack(key),
        "UpdateExpression": expression,
        "ConditionExpression": when,
        "ExpressionAttributeNames": _names(expression, when),
        "ExpressionAttributeValues": _values(values) | {":one_version": {"N": "1"}},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }


def _values(values: Item) -> dict[str, Any]:
    return pack({f":{name}": value for name, value in values.items()})


def _given(values: Item) -> dict[str, Any]:
    return {"ExpressionAttributeValues": _values(values)} if values else {}


@cache
def _names(*expressions: str) -> dict[str, str]:
    return {f"#{name}": name for text in expressions for name in _NAMES.findall(text)}


@contextmanager
def _conditions() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        item: Item = error.response.get("Item", {})  # type: ignore[assignment]  # not in the stubs
        raise ConditionFailed(unpack(item)) from error
