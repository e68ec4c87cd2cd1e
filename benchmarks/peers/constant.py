"""Answer without looking: the floor that Python and the runtime client set."""

from typing import Any


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer with a product's id."""
    return {"statusCode": 200, "headers": {}, "body": '{"id":"espresso-machine"}'}
