"""Do only what must be done: no log, no metric, no error but 404."""

import json
from typing import Any

import product


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer with the product, or 404."""
    found = product.read(event["pathParameters"]["id"])
    return {
        "statusCode": 200 if found else 404,
        "headers": {"Content-Type": "application/json"},
        "body": json.dumps(found),
    }
