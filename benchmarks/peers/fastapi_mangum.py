"""FastAPI, by Mangum."""

from typing import Any

import product
from fastapi import FastAPI, HTTPException
from mangum import Mangum
from pydantic import BaseModel

app = FastAPI()


class Product(BaseModel):
    """What the route answers with."""

    id: str
    name: str
    description: str
    category: str
    price: int
    currency: str
    stock: int
    created_at: str
    updated_at: str
    version: int


@app.get("/api/products/{product_id}")
def get_product(product_id: str) -> Product:
    """Answer with the product, or 404."""
    found = product.read(product_id)
    if found is None:
        raise HTTPException(404)
    return Product(**found)


handler: Any = Mangum(app, lifespan="off")
