"""The whole document: paths from the template's routes, components from models and errors."""

import json
import tomllib
from collections import Counter
from http import HTTPStatus
from typing import Any

from interchange import scopes
from openapi import refusals, responses, routes, schemas, shared
from openapi.operations import OPERATIONS
from openapi.refusals import Refusal
from openapi.routes import ROOT, Route

type Json = dict[str, Any]

FILE = ROOT / "docs/openapi.json"

_ABOUT = """\
Five integration patterns behind one API: request-response, publish-subscribe, webhook, batch
processing and message queue.

- **Refusals** are problem details (RFC 9457) with a stable `code`; `errors` points to each broken
  field. A path that has other methods answers 405 with `Allow`, an unknown one 404.
- **Every POST** takes an `Idempotency-Key`, except webhooks, which are recognised by their id.
- **Lists** come in pages; the end is the absent `next_page_token`.
- **Versions**: an `ETag` names a resource's state. `If-None-Match` saves reading it again,
  `If-Match` keeps a write from undoing somebody else's.
- **Tracing**: `X-Correlation-Id` and `traceparent` follow a request through everything it causes.
"""


def text() -> str:
    """Write the document as the file has it."""
    return json.dumps(build(), indent=1, ensure_ascii=False) + "\n"


def build() -> Json:
    """Build the document; a route that OPERATIONS does not describe is a KeyError."""
    found = routes.routes()
    shown = sorted(found, key=lambda route: list(OPERATIONS).index((route.method, route.path)))
    paths: Json = {}
    for route in shown:
        paths.setdefault(route.path, {})[route.method] = _operation(route)
    shared_responses = _share(paths)
    everything = [*(each for route in found for each in responses.possible(route)), *_elsewhere()]
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "Interchange",
            "version": _version(),
            "description": _ABOUT,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        # Relative to this document: right on every stage, custom domain and embedded cloud.
        "servers": [{"url": ".", "description": "Where this document comes from."}],
        "tags": [{"name": name} for name in dict.fromkeys(e.tag for e in OPERATIONS.values())],
        "paths": paths,
        "components": {
            "schemas": schemas.components(),
            "responses": shared_responses | _of_no_route(),
            "parameters": shared.PARAMETERS,
            "examples": _examples(everything),
            "headers": {name: header for name, (_, header) in shared.HEADERS.items()},
            "securitySchemes": shared.SECURITY,
        },
    }


def _version() -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])


def _operation(route: Route) -> Json:
    operation = OPERATIONS[route.method, route.path]
    found: Json = {
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": route.summary.removesuffix("."),
        "description": operation.description,
        "security": _security(route),
        "parameters": shared.parameters(*operation.parameters),
    }
    if operation.body is not None:
        bodies = operation.body if isinstance(operation.body, tuple) else (operation.body,)
        content = {name: each for body in bodies for name, each in responses.content(body).items()}
        found["requestBody"] = {"required": True, "content": content}
    return found | {"responses": responses.of(route, operation)}


def _security(route: Route) -> list[Json]:
    """Name what proves a caller: the key, and where the API asks for tokens, one with the scope."""
    if not route.keyed:
        return []
    scope = scopes.needed(route.method.upper(), route.path)
    return [{"apiKey": []}, {"apiKey": [], "token": [scope]}]


def _elsewhere() -> list[Refusal]:
    """Give what only callers of no route meet, and what an authorizer would make possible."""
    return [*refusals.of_handler("request_response.refuse_route"), *routes.gateway()]


def _of_no_route() -> Json:
    """Describe the answers to what no route is for: no operation has them, yet callers do."""
    found = _elsewhere()
    statuses = (
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.METHOD_NOT_ALLOWED,
    )
    return {
        f"NoRoute{int(status)}": responses.refusal(
            status, [each for each in found if each.status == status]
        )
        for status in statuses
    }


def _examples(found: list[Refusal]) -> Json:
    """Give one example per code; the first words for it stand for all."""
    by_code: dict[str, Refusal] = {}
    for each in found:
        by_code.setdefault(each.code, each)
    return {code: responses.example(each) for code, each in sorted(by_code.items())}


def _share(paths: Json) -> Json:
    """Move each status's most frequent refusal into components; return those."""
    places = [
        (status, operation["responses"])
        for path in paths.values()
        for operation in path.values()
        for status in operation["responses"]
        if int(status) >= HTTPStatus.BAD_REQUEST
    ]
    counts = Counter((status, json.dumps(found[status])) for status, found in places)
    shared_responses: Json = {}
    for (status, text), times in counts.most_common():
        name = "".join(each.capitalize() for each in HTTPStatus(int(status)).phrase.split())
        if times > 1 and name not in shared_responses:
            shared_responses[name] = json.loads(text)
    for status, found in places:
        for name, each in shared_responses.items():
            if found[status] == each:
                found[status] = {"$ref": f"#/components/responses/{name}"}
    return shared_responses
