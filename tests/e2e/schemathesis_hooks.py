"""What Schemathesis must know of the API and no schema can say."""

import json
import re
import uuid
from collections import defaultdict
from itertools import cycle
from typing import Any

import schemathesis

from local.cloud import ROOT

_PARAMETERS = json.loads((ROOT / "docs/openapi.json").read_bytes())["components"]["parameters"]
_PATTERNS: dict[str, list[str]] = defaultdict(list)
for _each in _PARAMETERS.values():
    if _each["in"] == "header" and "pattern" in _each["schema"]:
        _PATTERNS[_each["name"]].append(_each["schema"]["pattern"])


@schemathesis.serializer("application/x-ndjson")
def write_lines(context: Any, value: Any) -> bytes:
    """Send lines of JSON as the text that they are."""
    return str(value).encode("utf-8", "replace")


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """Make a request that is meant to be valid really so."""
    if not case.meta.generation.mode.is_positive:
        return
    for name in [each for each in case.headers if not _is_valid(each, case.headers[each])]:
        del case.headers[name]
    if "Idempotency-Key" in case.headers:  # with another body the same key is refused, rightly
        case.headers["Idempotency-Key"] = uuid.uuid4().hex
    _name_one_state(case)
    case.query.pop("page_token", None)  # only a list can give one
    if isinstance(case.body, dict):
        case.body = {name: _whole(value) for name, value in case.body.items()}
        if case.operation.path == "/webhook-endpoints":
            case.body |= _NOBODY
        elif case.operation.path == "/webhook-endpoints/{id}":
            case.body |= {name: each for name, each in _NOBODY.items() if name in case.body}


# An endpoint that is nobody's server, and that no event is for.
_NOBODY = {"url": "https://hooks.invalid/", "topics": ["no-topic"]}


# What is to be put may be there or not.
_CONDITIONS = cycle(["If-Match", "If-None-Match"])


def _name_one_state(case: Any) -> None:
    """Keep one of two headers that exclude each other; a PUT needs one."""
    if "If-Match" in case.headers:
        case.headers.pop("If-None-Match", None)
    elif case.method == "PUT" and "If-None-Match" not in case.headers:
        case.headers[next(_CONDITIONS)] = "*"


def _is_valid(name: str, value: str) -> bool:
    """Hold a header to its pattern: in some requests Schemathesis takes "0" for valid."""
    patterns = _PATTERNS.get(name)
    return patterns is None or any(re.search(each, value) for each in patterns)


def _whole(value: Any) -> Any:
    """Write 2.0 as 2: an integer to JSON Schema, and no integer to the API."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
