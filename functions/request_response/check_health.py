"""Tell monitors that requests reach the code; no key, no dependency."""

from typing import Any

from interchange import http


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer 200: the gateway, the role and the layers work."""
    return http.uncached({"status": "ok"})
