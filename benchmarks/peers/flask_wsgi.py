"""Flask, by serverless-wsgi."""

from typing import Any

import product
import serverless_wsgi
from flask import Flask, abort

app = Flask("products")


@app.get("/api/products/<product_id>")
def get_product(product_id: str) -> dict[str, Any]:
    """Answer with the product, or 404."""
    found = product.read(product_id)
    if found is None:
        abort(404)
    return found


def handler(event: dict[str, Any], context: Any) -> Any:
    """Route the request."""
    return serverless_wsgi.handle_request(app, event, context)
