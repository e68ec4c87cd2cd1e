"""Products, which callers put and a feed may bring: what is said of one, and its row."""

import re
from typing import Annotated

from pydantic import Field, StringConstraints

from interchange.store import Item
from interchange.validation import ONE_LINE, Body

_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
_ROUTES = frozenset({"syncs"})  # /api/products/syncs is a route, not a product

Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), ONE_LINE
]
Category = Annotated[str, StringConstraints(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


class Product(Body):
    """What a caller may say of a product; its stock changes by adjustments alone."""

    name: Name
    description: Annotated[str, StringConstraints(max_length=5000)] = ""
    category: Category
    price: Annotated[int, Field(ge=0, le=10**12, description="In the currency's minor unit")]
    currency: Annotated[Currency, Field(description="ISO 4217")]


def is_id(text: str) -> bool:
    """Tell whether a product may have this id: a slug, as it stands in its URL."""
    return _ID.fullmatch(text) is not None and text not in _ROUTES


def row(product_id: str, product: Product, *, now: str) -> Item:
    """Make a new product's row."""
    return {
        "id": product_id,
        **product.model_dump(),
        "stock": 0,
        "created_at": now,
        "updated_at": now,
        "version": 1,
    }
