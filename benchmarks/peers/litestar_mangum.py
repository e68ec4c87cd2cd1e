"""Litestar, by Mangum."""

from typing import Any

import product
from litestar import Litestar, get
from litestar.exceptions import NotFoundException
from mangum import Mangum


@get("/api/products/{product_id:str}", sync_to_thread=False)
def get_product(product_id: str) -> dict[str, Any]:
    """Answer with the product, or 404."""
    found = product.read(product_id)
    if found is None:
        raise NotFoundException
    return found


handler: Any = Mangum(Litestar([get_product], openapi_config=None), lifespan="off")
