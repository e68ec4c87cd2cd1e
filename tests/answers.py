"""What a caller reads in an answer."""

import json
from typing import Any

from tests.architecture import Json


def body_of(answer: Json) -> Any:
    """Read an answer's body."""
    return json.loads(answer["body"])


def refusal(answer: Json) -> tuple[int, str]:
    """Give the status and the code of an answer that is problem details."""
    body = body_of(answer)
    assert answer["headers"]["Content-Type"] == "application/problem+json"
    assert body["status"] == answer["statusCode"]
    return answer["statusCode"], body["code"]


def pointers(answer: Json) -> list[str]:
    """Name the places of the body that an answer finds fault with."""
    assert refusal(answer) == (422, "validation_failed")
    return [each["pointer"] for each in body_of(answer)["errors"]]
