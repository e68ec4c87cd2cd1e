"""What the story's chapters send, and where they look for what came of it."""

import hashlib
import hmac
import json
import time
import urllib.request
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from local.api import Api, expected
from local.stack import Stack

IMPORT_ROWS = 1000
BAD_ROWS = {250: "not-an-address", 500: "", 750: "two@@signs.example"}


def found_or_none(api: Api, path: str) -> dict[str, Any] | None:
    """Read a resource that may not be there yet."""
    answer = api.get(path)
    return None if answer.status == HTTPStatus.NOT_FOUND else expected(200, answer).body


def ended(api: Api, path: str, ends: set[str]) -> dict[str, Any] | None:
    """Read a resource once it has reached one of its ends."""
    resource: dict[str, Any] = expected(200, api.get(path)).body
    return resource if resource["status"] in ends else None


def event_about(api: Api, user_id: str) -> dict[str, Any] | None:
    """Look for a user's registration among the newest events: nobody knows the event's id."""
    path = "/events?topic=user-events&type=user.registered&order=desc"
    events: list[dict[str, Any]] = expected(200, api.get(path)).body["items"]
    return next((each for each in events if user_id in json.dumps(each["data"])), None)


def mail_to(stack: Stack, recipient: str, subject: str) -> dict[str, Any] | None:
    """Look for an e-mail among those sent."""
    with urllib.request.urlopen(stack.mail_url, timeout=5) as response:
        accounts = json.load(response)["messages"]
    mails = [mail for mails in accounts.values() for mail in mails]
    return next(
        (mail for mail in mails if recipient in mail["To"] and mail["Subject"] == subject), None
    )


def stripe_event(run: str) -> dict[str, Any]:
    """Make an event as Stripe sends it."""
    intent = {
        "id": f"pi_{run}",
        "object": "payment_intent",
        "amount": 74900,
        "currency": "eur",
        "status": "succeeded",
    }
    return {
        "id": f"evt_{run}",
        "object": "event",
        "type": "payment_intent.succeeded",
        "created": int(time.time()),
        "livemode": False,
        "data": {"object": intent},
    }


def stripe_signature(secret: str, body: bytes) -> str:
    """Sign as Stripe does: https://docs.stripe.com/webhooks#verify-manually."""
    now = str(int(time.time()))
    digest = hmac.new(secret.encode(), now.encode() + b"." + body, hashlib.sha256)
    return f"t={now},v1={digest.hexdigest()}"


def users_csv(address: Callable[[str], str]) -> bytes:
    """Write the file; rows count from 1, after the header."""
    rows = [
        f"{BAD_ROWS.get(number, address(f'user{number}'))},User {number}"
        for number in range(1, IMPORT_ROWS + 1)
    ]
    return "\n".join(["email,name", *rows, ""]).encode()


def import_counts() -> dict[str, int]:
    """Say what the import must come to."""
    return {"total": IMPORT_ROWS, "created": IMPORT_ROWS - len(BAD_ROWS), "failed": len(BAD_ROWS)}
