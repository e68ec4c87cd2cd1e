"""Files of the docs layer as answers that a cache can ask after."""

import hashlib
from dataclasses import dataclass
from http import HTTPStatus
from importlib.util import find_spec
from pathlib import Path

from interchange import http

# Any cache may keep it, and asks each time: a deployment changes it.
_CACHING = "public, no-cache"


@dataclass(frozen=True, slots=True)
class Document:
    """A text, what it is, and the strong ETag that names it."""

    text: str
    media: str
    etag: str


def make(text: str, media: str) -> Document:
    """Make a document; its ETag is its digest."""
    return Document(text, media, f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"')


def read(package: str, name: str) -> str:
    """Read a file of a package without importing the package: its code is not in the layer."""
    spec = find_spec(package)
    folders = (spec and spec.submodule_search_locations) or ()
    found = (Path(folder) / name for folder in folders)
    return next(path for path in found if path.exists()).read_text(encoding="utf-8")


def answer(event: http.Event, document: Document) -> http.Response:
    """Answer with the document, or with 304 where the caller has it.

    As text, which any gateway passes on: bytes would need an Accept header that fits the API's
    binary types. It is below Lambda's 6 MB.
    """
    headers = {"ETag": document.etag, "Cache-Control": _CACHING}
    if document.etag in http.headers(event).get("if-none-match", ""):
        return http.response(HTTPStatus.NOT_MODIFIED, None, headers)
    headers |= {"Content-Type": document.media, "X-Content-Type-Options": "nosniff"}
    return http.response(HTTPStatus.OK, None, headers) | {"body": document.text}
