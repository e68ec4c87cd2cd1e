"""Serve the API's description for programs: docs/openapi.json, which `make openapi` writes."""

from functools import cache
from typing import Any

from interchange import http
from request_response import documents
from request_response.documents import Document


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer with OpenAPI 3.1; its server is relative, so right below any stage and domain."""
    return documents.answer(event, _description())


@cache
def _description() -> Document:
    return documents.make(documents.read("interchange_docs", "openapi.json"), http.JSON)
