"""Read how much of a product there is."""

from dataclasses import dataclass
from typing import Any

from interchange import conditional, config, http, store
from interchange.errors import NotFound


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    products_table: str


settings = config.reader(Settings)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer with the stock, or 404."""
    product = store.get(settings().products_table, {"id": http.path_id(event)})
    if product is None:
        raise NotFound("No product has this id.", code="product_not_found")
    body = {"product_id": product["id"], "stock": product["stock"]}
    return conditional.answer(event, product, body)
