"""Read a product with boto3's default settings: what every peer but the constant does."""

import os
from typing import Any

import boto3

dynamodb = boto3.client("dynamodb")


def read(product_id: str) -> dict[str, Any] | None:
    """Give the product as plain values; cheaper than boto3's own deserializer."""
    found = dynamodb.get_item(
        TableName=os.environ["PRODUCTS_TABLE"], Key={"id": {"S": product_id}}, ConsistentRead=True
    )
    if "Item" not in found:
        return None
    return {
        name: int(typed["N"]) if "N" in typed else typed["S"]  # products have nothing else
        for name, typed in found["Item"].items()
    }
