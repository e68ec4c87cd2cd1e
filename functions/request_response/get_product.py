"""Read a product: the shortest path through the bundle, and the one to measure."""

import contextlib
import os
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
    """Answer with the product, with 304 where the caller has it, or 404."""
    product = store.get(settings().products_table, {"id": http.path_id(event)})
    if product is None:
        raise NotFound("No product has this id.", code="product_not_found")
    return conditional.answer(event, product, product)


def connect() -> None:
    """Spend Lambda's init phase on what the first request would wait for: client, TLS, a read."""
    with contextlib.suppress(Exception):  # the first request will meet it, and say what is wrong
        store.get(settings().products_table, {"id": "-"})


if "AWS_LAMBDA_INITIALIZATION_TYPE" in os.environ:  # Lambda alone sets it
    connect()
