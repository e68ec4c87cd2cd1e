"""Answer what no route is for, and browsers that ask before they call (CORS)."""

from http import HTTPStatus
from typing import Any

from interchange import http
from interchange.errors import MethodNotAllowed, NotFound
from request_response import routes

_ALLOWED_HEADERS = (
    "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Traceparent, X-Api-Key,"
    " X-Correlation-Id"
)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Refuse with 404, or 405 and the methods that the path has; answer a preflight with 204."""
    allowed = routes.methods(event["pathParameters"]["proxy"])
    if allowed is None:
        raise NotFound("No route has this path.", code="route_not_found")
    methods = ", ".join([*allowed, "OPTIONS"])
    if event["httpMethod"] != "OPTIONS":
        raise MethodNotAllowed("This path has other methods.", headers={"Allow": methods})
    headers = {
        "Allow": methods,
        "Access-Control-Allow-Methods": methods,
        "Access-Control-Allow-Headers": _ALLOWED_HEADERS,
        "Access-Control-Max-Age": "600",
    }
    return http.response(HTTPStatus.NO_CONTENT, None, headers)
