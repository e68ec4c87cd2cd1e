"""Fetch what others serve, of any size: the same rules as calls (outbound), read as it comes.

An answer says how long it is, by its length or by chunks, or it is none: of one that ends with its
connection nobody can tell whether it is whole.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse

from interchange import lines
from interchange.lines import Resolver
from interchange.outbound import Failed, failures, resolve
from interchange.targets import parse

_BLOCK = 65_536


@dataclass(frozen=True, slots=True)
class Download:
    """What came back: header names in lower case, the body block by block."""

    status: int
    headers: Mapping[str, str]
    blocks: Iterator[bytes]


@contextmanager
def get(
    url: str,
    headers: Mapping[str, str],
    *,
    allow_local: bool,
    timeout: float,
    resolver: Resolver = resolve,
) -> Iterator[Download]:
    """Open a URL for as long as the block lasts; Failed or Forbidden otherwise, in reading, too.

    A redirect is an answer like others. All of it has to be here within `timeout`.
    """
    deadline = time.monotonic() + timeout
    target = parse(url, allow_local=allow_local)
    with failures():
        line = lines.connect(target, deadline=deadline, resolver=resolver)
    connection = HTTPConnection(target.host, target.port)
    connection.sock = line
    asked = {"Host": target.authority, "Accept-Encoding": "identity", "Connection": "close"}
    try:
        with failures():
            connection.request("GET", target.path, headers=asked | dict(headers))
            line.flush()
            response = connection.getresponse()
        with response:
            found = {name.lower(): value for name, value in response.headers.items()}
            yield Download(response.status, found, _blocks(response))
    finally:
        line.close()


def _blocks(response: HTTPResponse) -> Iterator[bytes]:
    """Give the body to its very end; Failed where it ends before that, or has no end."""
    if response.length is None and not response.chunked:
        raise Failed("endless", "The answer does not say how long it is.")
    while block := _block(response):
        yield block
    if response.length:
        raise Failed("cut_short", "The answer ends before the length that it says.")


def _block(response: HTTPResponse) -> bytes:
    with failures():
        return response.read1(_BLOCK)
