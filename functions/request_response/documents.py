"""Files of the docs layer as answers: with an ETag, and compressed where the caller reads gzip."""

import base64
import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from importlib.util import find_spec
from pathlib import Path

from interchange import http

# Any cache may keep it, and asks each time: a deployment changes it.
_CACHING = "public, no-cache"


@dataclass(frozen=True, slots=True)
class Document:
    """Bytes to show, and what they are."""

    content: bytes
    media: str


def read(package: str, name: str) -> bytes:
    """Read a file of a package without importing the package: its code is not in the layer."""
    spec = find_spec(package)
    folders = (spec and spec.submodule_search_locations) or ()
    found = (Path(folder) / name for folder in folders)
    return next(path for path in found if path.exists()).read_bytes()


def answer(event: http.Event, document: Document) -> http.Response:
    """Answer with the document, or with 304 where the caller has it."""
    given = http.headers(event)
    packed = "gzip" in given.get("accept-encoding", "")
    body, etag = _representation(document, "gzip" if packed else "identity")
    headers = {"ETag": etag, "Cache-Control": _CACHING, "Vary": "Accept-Encoding"}
    if etag in given.get("if-none-match", ""):
        return http.response(HTTPStatus.NOT_MODIFIED, None, headers)
    headers |= {"Content-Encoding": "gzip"} if packed else {}
    headers |= {"Content-Type": document.media, "X-Content-Type-Options": "nosniff"}
    result = http.response(HTTPStatus.OK, None, headers)
    return result | {"body": body, "isBase64Encoded": True}


@cache
def _representation(document: Document, coding: str) -> tuple[str, str]:
    """Give the body as Lambda takes bytes, and its strong ETag: each coding has its own."""
    content = document.content
    raw = gzip.compress(content, mtime=0) if coding == "gzip" else content
    etag = f'"{hashlib.sha256(raw).hexdigest()[:32]}"'
    return base64.b64encode(raw).decode(), etag
