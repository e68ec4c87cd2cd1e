"""Fill a fresh stack with what the story needs: products, a webhook source, a verified sender."""

import json
import secrets
from dataclasses import replace
from pathlib import Path

from boto3.dynamodb.types import TypeSerializer

from local.deploy import SENDER
from local.stack import Stack

PRODUCTS = Path(__file__).with_name("products.json")
CREATED_AT = "2026-01-01T00:00:00Z"


def seed(stack: Stack) -> Stack:
    """Seed the stack, and return it with the secrets that were made."""
    put_products(stack)
    stack.client("sesv2").create_email_identity(EmailIdentity=SENDER)
    return replace(stack, webhook_secrets=put_webhook_sources(stack))


def put_products(stack: Stack) -> None:
    """Put every product of products.json in its first version."""
    client, serializer = stack.client("dynamodb"), TypeSerializer()
    for product in json.loads(PRODUCTS.read_bytes()):
        item = product | {"version": 1, "created_at": CREATED_AT, "updated_at": CREATED_AT}
        client.put_item(
            TableName=stack.outputs["ProductsTableName"],
            Item={name: serializer.serialize(value) for name, value in item.items()},
        )


def put_webhook_sources(stack: Stack) -> dict[str, str]:
    """Make a signing secret, as Stripe's dashboard would, and tell the receiver."""
    secret = f"whsec_{secrets.token_hex(24)}"
    source = {"provider": "stripe", "topic": "payment-events", "secrets": [secret]}
    stack.client("secretsmanager").put_secret_value(
        SecretId=stack.outputs["WebhookSourcesSecretArn"],
        SecretString=json.dumps({"stripe": source}),
    )
    return {"stripe": secret}
