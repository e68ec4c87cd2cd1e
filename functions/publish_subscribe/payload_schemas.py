"""Payloads against their topic's JSON Schema: draft 2020-12, no network, patterns in linear time.

The validator is imported where a topic has a schema, and nowhere else.
"""

import itertools
import json
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from interchange.errors import FieldError, UnprocessableContent
from interchange.validation import pointer

if TYPE_CHECKING:
    from jsonschema_rs import Draft202012Validator, ValidationError

LARGEST_SCHEMA = 64_000  # bytes of its text; a row has 400 KB

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_MOST_ERRORS = 20
_MASK = "the value"  # in the place of what it found: answers quote no payload


def text_of(schema: dict[str, Any]) -> str:
    """Write a schema as rows keep it."""
    return json.dumps(schema, ensure_ascii=False, separators=(",", ":"))


def check(schema: dict[str, Any]) -> None:
    """Refuse what is no schema of this draft, or reaches outside itself."""
    if schema.get("$schema", _DRAFT) not in (_DRAFT, f"{_DRAFT}#"):
        raise _schema_invalid("Only draft 2020-12 is spoken here.", ["$schema"])
    text = text_of(schema)
    if len(text.encode()) > LARGEST_SCHEMA:
        raise _schema_invalid(f"A schema has at most {LARGEST_SCHEMA} bytes.", [])
    _compiled(text)


def require(schema: str, payload: Any, *, member: str) -> None:
    """Hold a payload to its topic's schema; UnprocessableContent points into `member`."""
    validator = _compiled(schema)
    try:
        found = list(itertools.islice(validator.iter_errors(payload), _MOST_ERRORS))
    except ValueError:  # nested deeper than the validator goes
        raise _payload_invalid(
            [{"detail": "Too deeply nested.", "pointer": f"/{member}"}]
        ) from None
    if found:
        raise _payload_invalid([_field_error(each, member) for each in found])


def _field_error(error: "ValidationError", member: str) -> FieldError:
    return {"detail": error.message, "pointer": pointer([member, *error.instance_path])}


def _payload_invalid(errors: list[FieldError]) -> UnprocessableContent:
    detail = "The payload breaks a rule of its topic's schema."
    return UnprocessableContent(detail, code="payload_invalid", errors=errors)


@lru_cache(maxsize=64)
def _compiled(text: str) -> "Draft202012Validator":
    from jsonschema_rs import Draft202012Validator, RegexOptions, ValidationError  # noqa: PLC0415 - 15 ms that most topics need not wait for

    schema = json.loads(text)
    options = RegexOptions()  # no lookaround, hence no pattern that takes for ever
    try:
        return Draft202012Validator(schema, pattern_options=options, offline=True, mask=_MASK)
    except ValidationError as error:
        raise _schema_invalid(error.message, error.instance_path) from None
    except ValueError:  # nested deeper than the validator goes
        raise _schema_invalid("Too deeply nested.", []) from None


def _schema_invalid(detail: str, path: Sequence[str | int]) -> UnprocessableContent:
    return UnprocessableContent(
        "The schema is not one that payloads can be held to.",
        code="schema_invalid",
        errors=[{"detail": detail, "pointer": pointer(["schema", *path])}],
    )
