"""Answer what no route is for: the gateway alone would call it a missing token."""

from typing import Any, NoReturn

from interchange import http
from interchange.errors import NotFound


@http.endpoint
def handler(event: http.Event, context: Any) -> NoReturn:
    """Refuse with 404."""
    raise NotFound("No route has this method and path.", code="route_not_found")
