"""Take from or add to a product's stock, and keep why."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from interchange import clock, config, http, idempotency, store
from interchange.errors import Conflict, NotFound, Unavailable
from interchange.observability import count
from interchange.store import Item
from interchange.validation import ONE_LINE, Body, validate

_LARGEST = 1_000_000


def _not_zero(delta: int) -> int:
    if delta == 0:
        raise PydanticCustomError("not_zero", "Must not be 0")
    return delta


class Adjustment(Body):
    """By how much, and why."""

    delta: Annotated[int, Field(ge=-_LARGEST, le=_LARGEST), AfterValidator(_not_zero)]
    reason: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), ONE_LINE
    ]


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    products_table: str
    adjustments_table: str


settings = config.reader(Settings)


@idempotency.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer 201 with the adjustment; 409 where it would take more than there is."""
    product_id = http.path_id(event)
    adjustment = validate(Adjustment, http.json_body(event))
    row = {
        "product_id": product_id,
        "id": idempotency.new_id("adj", event),
        **adjustment.model_dump(),
        "created_at": clock.rfc3339(clock.now()),
        "version": 1,
    }
    _adjust(row)
    count("InventoryAdjusted")
    shown = {name: value for name, value in row.items() if name != "version"}
    return http.response(HTTPStatus.CREATED, shown)


def _adjust(row: Item) -> None:
    """Change the stock and keep the adjustment, both or neither; one that is kept was made."""
    try:
        store.transact([_taking(row), store.putting_new(settings().adjustments_table, row)])
    except store.TransactionRefused as refusal:
        stock, kept = refusal.writes
        if kept.failed:
            return
        if not stock.failed:
            detail = "Many change this product at this moment; send the same request again."
            raise Unavailable(detail) from refusal
        if not stock.item:
            raise NotFound("No product has this id.", code="product_not_found") from None
        detail = f"The stock is {stock.item['stock']}."
        raise Conflict(detail, code="insufficient_stock") from None


def _taking(row: Item) -> store.Write:
    return store.updating(
        settings().products_table,
        {"id": row["product_id"]},
        "SET #stock = #stock + :delta, #updated_at = :now",
        when="#stock >= :least",
        values={
            "delta": row["delta"],
            "least": max(0, -row["delta"]),
            "now": row["created_at"],
        },
    )
