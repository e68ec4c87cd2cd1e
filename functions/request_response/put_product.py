"""Create a product, or replace one that the caller has seen."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from interchange import clock, conditional, config, http, products, store
from interchange.conditional import Condition
from interchange.errors import BadRequest, NotFound, PreconditionFailed
from interchange.observability import count
from interchange.products import Product
from interchange.store import Item
from interchange.validation import validate


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    products_table: str


settings = config.reader(Settings)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer 201 or 200 with the product; 412 where its state is not the one the caller named."""
    product_id = event["pathParameters"]["id"]
    if not products.is_id(product_id):
        raise BadRequest("A product's id is a slug: a-z, 0-9, hyphens.", code="bad_product_id")
    product = validate(Product, http.json_body(event))
    condition = conditional.required(event)
    now = clock.rfc3339(clock.now())
    try:
        if condition is conditional.NEW:
            row = products.row(product_id, product, now=now)
            store.put_new(settings().products_table, row)
            count("ProductCreated")
            return _answer(HTTPStatus.CREATED, row)
        return _answer(HTTPStatus.OK, _replace(product_id, product, condition, now=now))
    except store.ConditionFailed as refusal:
        if not refusal.item:
            raise NotFound("No product has this id.", code="product_not_found") from None
        raise PreconditionFailed("The product is not in the state that you named.") from None


def _replace(product_id: str, product: Product, condition: Condition, *, now: str) -> Item:
    fields = product.model_dump() | {"updated_at": now}
    return store.update(
        settings().products_table,
        {"id": product_id},
        store.setting(fields),
        when=condition.when,
        values=fields | condition.values,
    )


def _answer(status: HTTPStatus, row: Item) -> http.Response:
    return http.response(status, row, {"ETag": conditional.etag(row)})
