"""Show the API to people: Swagger UI in one page, which loads nothing but /openapi.json."""

import base64
import hashlib
from functools import cache
from typing import Any

from interchange import http
from request_response import documents
from request_response.documents import Document

# Relative to /docs, so right below any stage and domain.
_START = 'SwaggerUIBundle({dom_id: "#docs", url: "openapi.json", deepLinking: true});'

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<link rel="icon" href="data:,">
<title>Interchange</title>
<style>{style}</style>
</head>
<body>
<div id="docs"></div>
<script>{script}</script>
</body>
</html>
"""

# What the page may do: run this one script, and call the API that it comes from.
_POLICY = (
    "default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline';"
    " img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'"
)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer with the page."""
    return documents.answer(event, _page())


@cache
def _page() -> Document:
    bundle = documents.read("flask_swagger_ui", "dist/swagger-ui-bundle.js")
    style = documents.read("flask_swagger_ui", "dist/swagger-ui.css")
    script = f"{bundle}\n{_START}"
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    page = _PAGE.format(policy=_POLICY.format(digest=digest), style=style, script=script)
    return documents.make(page, "text/html; charset=utf-8")
