"""Chalice, whose application is the handler."""

from typing import Any

import product
from chalice.app import Chalice, NotFoundError

handler = Chalice(app_name="products")


@handler.route("/api/products/{id}")
def get_product(id: str) -> dict[str, Any]:
    """Answer with the product, or 404."""
    found = product.read(id)
    if found is None:
        raise NotFoundError("No product has this id.")
    return found
