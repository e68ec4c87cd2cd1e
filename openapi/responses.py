"""An operation's responses: its successes, and every refusal by status, with its codes."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from openapi import refusals, routes, shared
from openapi.operations.parts import Answer, Body, Operation
from openapi.refusals import Refusal
from openapi.routes import Route

type Json = dict[str, Any]

PROBLEM = "application/problem+json"
_PERMISSION = "interchange.tokens.check"  # http.permitted imports it only where it is wanted
_REQUEST_ID = "0f3a3c66-2f3b-4c8e-9a39-5b1f0a7a9d10"
_COMMON = ("XRequestId", "XCorrelationId")
_HEADERS: dict[HTTPStatus, tuple[str, ...]] = {
    HTTPStatus.METHOD_NOT_ALLOWED: ("Allow",),
    HTTPStatus.CONFLICT: ("RetryAfterMaybe",),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: ("Accept",),
    HTTPStatus.TOO_MANY_REQUESTS: ("RetryAfter",),
    HTTPStatus.SERVICE_UNAVAILABLE: ("RetryAfter",),
}
_FIELDS = [{"detail": "Field required", "pointer": "/name"}]


def of(route: Route, operation: Operation) -> Json:
    """Give a route's responses by status."""
    found = {str(status): _success(each) for status, each in operation.answers.items()}
    by_status: dict[HTTPStatus, list[Refusal]] = {}
    for each in possible(route):
        by_status.setdefault(each.status, []).append(each)
    for status, refused in sorted(by_status.items()):
        found[str(int(status))] = refusal(status, refused, bodiless=route.method == "head")
    return found


def possible(route: Route) -> list[Refusal]:
    """Give every refusal that a caller of the route may meet, the function's own first."""
    kinds = (
        *routes.EVERYWHERE,
        *(routes.WITH_KEY if route.keyed else ()),
        *(routes.WITH_BODY if route.method in {"post", "put", "patch"} else ()),
        *(routes.WITH_PARAMETER if "{" in route.path else ()),
    )
    found: dict[tuple[HTTPStatus, str], Refusal] = {}
    without_token = refusals.of(_PERMISSION) if route.keyed else []
    for each in [*refusals.of_handler(route.module), *without_token, *routes.gateway(*kinds)]:
        found.setdefault((each.status, each.code), each)
    return list(found.values())


def refusal(status: HTTPStatus, found: Iterable[Refusal], *, bodiless: bool = False) -> Json:
    """Make the response for a status: which codes it may have, with an example of each."""
    codes = {each.code: each for each in found}
    names = ["XRequestId", "XCorrelationIdMaybe", *_HEADERS.get(status, ())]
    if "user_exists" in codes:
        names.append("LocationOfUser")
    if "token_missing" in codes:
        names.append("WwwAuthenticate")
    response: Json = {
        "description": f"{status.phrase}: {', '.join(f'`{each}`' for each in codes)}.",
        "headers": shared.headers(*names),
    }
    if not bodiless:
        response["content"] = {PROBLEM: _problem(status, list(codes))}
    return response


def _problem(status: HTTPStatus, codes: list[str]) -> Json:
    narrowed = {"status": {"const": int(status)}, "code": {"enum": codes}}
    return {
        "schema": {"allOf": [{"$ref": "#/components/schemas/Problem"}], "properties": narrowed},
        "examples": {each: {"$ref": f"#/components/examples/{each}"} for each in codes},
    }


def example(refusal: Refusal) -> Json:
    """Show a refusal as callers see it."""
    value = {
        "type": f"urn:interchange:problem:{refusal.code}",
        "title": refusal.status.phrase,
        "status": int(refusal.status),
        "detail": refusal.detail,
        "instance": f"urn:uuid:{_REQUEST_ID}",
        "code": refusal.code,
        "request_id": _REQUEST_ID,
        "retryable": refusal.retryable,
    }
    if refusal.code == "validation_failed":
        value["errors"] = _FIELDS
    return {"summary": refusal.detail, "value": value}


def _success(answer: Answer) -> Json:
    return {
        "description": answer.description,
        "headers": shared.headers(*_COMMON, *answer.headers),
        **({} if answer.body is None else {"content": _contents(answer.body)}),
        **({"links": answer.links} if answer.links else {}),
    }


def _contents(body: Body | tuple[Body, ...]) -> Json:
    bodies = (body,) if isinstance(body, Body) else body
    return {media: each for one in bodies for media, each in content(one).items()}


def content(body: Body) -> Json:
    """Describe a body in each of its media types."""
    schema = body.schema
    reference = {"$ref": f"#/components/schemas/{schema}"} if isinstance(schema, str) else schema
    examples = {name: {"value": value} for name, value in body.examples.items()}
    each = {"schema": reference, **({"examples": examples} if examples else {})}
    return dict.fromkeys(body.media, each)
