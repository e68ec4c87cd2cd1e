"""JSON by RFC 8259 and RFC 7493: what two parsers could read in two ways is refused."""

import json
import math
from typing import Any

from interchange.errors import BadRequest


def loads(raw: bytes) -> Any:
    """Read JSON strictly: what two parsers could read in two ways is refused."""
    try:
        text = raw.decode()
        value = json.loads(
            text, object_pairs_hook=_object, parse_constant=_no_constant, parse_float=_finite
        )
        if "\\u" in text:  # an escape may be half a surrogate pair, which no UTF-8 can carry on
            json.dumps(value, ensure_ascii=False).encode()
    except RecursionError:
        raise BadRequest("The JSON is nested too deeply.", code="malformed_json") from None
    except ValueError as error:  # UnicodeDecodeError and JSONDecodeError are ValueErrors
        detail = f"The body is not JSON: {_reason(error)}."
        raise BadRequest(detail, code="malformed_json") from None
    return value


def _reason(error: ValueError) -> str:
    match error:
        case UnicodeDecodeError():
            return f"byte {error.start} is not UTF-8"
        case UnicodeEncodeError():
            return "a string escapes half a surrogate pair"
        case json.JSONDecodeError():
            return f"{error.msg} at line {error.lineno}, column {error.colno}"
    return str(error)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        raise ValueError("an object has the same name twice")
    return result


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not a JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number
