"""Calls of AWS as they pass on the wire: which are writes, and how a service refuses them."""

import json

_WRITES = (
    ".PutItem",
    ".UpdateItem",
    ".DeleteItem",
    ".TransactWriteItems",
    ".BatchWriteItem",
    ".ExecuteStatement",
    ".BatchExecuteStatement",
    ".ExecuteTransaction",
)
_SENDS = (".SendMessage", ".SendMessageBatch")


def is_send(operation: str, body: bytes) -> bool:
    """Tell a call that gives SQS or SNS a message."""
    return operation.endswith(_SENDS) or b"Action=Publish" in body


def is_write(operation: str, body: bytes) -> bool:
    """Tell a call for which a service needs room on its disk."""
    return operation.endswith(_WRITES) or is_send(operation, body)


def throttled(operation: str) -> tuple[int, bytes]:
    """Refuse as a service does that is asked too often."""
    if "/email/" in operation:
        return 429, _json("TooManyRequestsException")
    return 400, _json("ThrottlingException") if "." in operation else _xml("Throttling")


def full(operation: str) -> tuple[int, bytes]:
    """Refuse as a service does that cannot keep anything."""
    return 500, _json("InternalServerError") if "." in operation else _xml("InternalError")


def _json(code: str) -> bytes:
    return json.dumps({"__type": code, "message": "planted"}).encode()


def _xml(code: str) -> bytes:
    return f"<ErrorResponse><Error><Code>{code}</Code></Error></ErrorResponse>".encode()
