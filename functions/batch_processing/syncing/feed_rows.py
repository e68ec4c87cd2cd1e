"""A feed's rows: products as they are at the source, or the word that one is gone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError
from pydantic_core import PydanticCustomError

from batch_processing.formats import rows
from batch_processing.formats.dialects import Dialect
from batch_processing.formats.rows import Row
from interchange import products, times
from interchange.products import Product
from interchange.store import Item
from interchange.validation import Body, field_errors

REQUIRED = frozenset({"id", "name", "description", "category", "price", "currency", "updated_at"})
COLUMNS = REQUIRED | {"deleted"}

_WHOLE = re.compile(r"[0-9]{1,13}")
_TRUTH = {"": False, "false": False, "true": True}


def instant(text: str) -> str:
    """Write a time of RFC 3339 in UTC, so that texts sort as times do; ValueError for none."""
    moment = times.read(text.upper())
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _product_id(text: str) -> str:
    if not products.is_id(text):
        raise PydanticCustomError("product_id", "Must be a slug: a-z, 0-9, hyphens")
    return text


def _instant(text: str) -> str:
    try:
        return instant(text)
    except ValueError:
        raise PydanticCustomError("instant", "Must be a time of RFC 3339 with a zone") from None


Id = Annotated[str, AfterValidator(_product_id)]
Instant = Annotated[str, AfterValidator(_instant)]


class Present(Product):
    """A product that the source has; `updated_at` is its version."""

    id: Id
    updated_at: Instant
    deleted: Literal[False] = False


class Gone(Body):
    """A product that the source has no longer, since then."""

    id: Id
    updated_at: Instant
    deleted: Annotated[bool, Field(strict=True)]


@dataclass(slots=True)
class FeedRow:
    """A row: what it is about, as far as that can be told, and a product, its end, or errors.

    `sent_at` is the time in the source's own words, `at` the same to compare; `fields` is None for
    a product that is gone. A row is outdated where its very feed has a later word that it is gone.
    """

    number: int
    id: str | None = None
    sent_at: str | None = None
    at: str = ""
    fields: Item | None = None
    is_outdated: bool = False
    errors: list[Item] = field(default_factory=list)

    @property
    def is_placed(self) -> bool:
        """Tell whether a page can go on behind it."""
        return self.id is not None and self.sent_at is not None


def read(data: bytes, dialect: Dialect, *, first_row: int) -> Iterator[FeedRow]:
    """Give every row that is not blank, checked."""
    for row in rows.split(data, dialect, first_row=first_row, first_line=1):
        rows.fill(row, dialect)
        yield _checked(row, dialect)


def _checked(row: Row, dialect: Dialect) -> FeedRow:
    found = FeedRow(row.number)
    if row.fields is None:
        found.errors = [_error(row.number, None, each) for each in row.errors]
        return found
    fields = _typed(row.fields) if dialect.format == "csv" else row.fields
    found.id = _text(fields.get("id"))
    found.sent_at = _placed_at(fields.get("updated_at"))
    try:
        _fill(found, fields, is_csv=dialect.format == "csv")
    except ValidationError as error:
        found.errors = [
            _error(row.number, found.id, {"code": "field_invalid", "column": column(each), **each})
            for each in field_errors(error)
        ]
    return found


def _fill(found: FeedRow, fields: Item, *, is_csv: bool) -> None:
    if fields.get("deleted") is True:
        named = {"id", "updated_at", "deleted"}
        gone = Gone.model_validate({n: v for n, v in fields.items() if n in named or not is_csv})
        found.at = gone.updated_at
        return
    product = Present.model_validate(fields)
    found.at = product.updated_at
    found.fields = product.model_dump(exclude={"id", "updated_at", "deleted"})


def _typed(fields: Item) -> Item:
    """Read the numbers and truths of CSV, which has texts alone; what is neither stays as it is."""
    price, deleted = fields["price"], fields.get("deleted", "")
    typed: dict[str, Any] = {"deleted": _TRUTH.get(deleted, deleted)}
    if _WHOLE.fullmatch(price):
        typed["price"] = int(price)
    return fields | typed


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _placed_at(value: Any) -> str | None:
    try:
        instant(str(value))
    except ValueError:
        return None
    return str(value)


def column(error: Any) -> str | None:
    """Name the member that an error is about."""
    return error["pointer"].removeprefix("/") or None


def _error(number: int, id: str | None, found: Any) -> Item:
    about = {name: found[name] for name in ("column", "code", "detail")}
    return {"row": number, "id": id, **about}
