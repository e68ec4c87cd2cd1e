"""Call URLs that callers named: only the public internet, one answer, one deadline, no redirects.

Host, SNI and certificate are the name's, the connection goes to an address that was checked. On
http.client, which reads no proxy from the environment (docs/decisions.md).
"""

import contextlib
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import NamedTuple

from interchange import lines
from interchange.lines import Line, Resolver
from interchange.targets import Forbidden as Forbidden  # noqa: PLC0414 - callers catch it here
from interchange.targets import Target, parse

TIMEOUT_SECONDS = 15.0
EXCERPT_BYTES = 16_384

_CHECK_SECONDS = 3.0


class Failed(Exception):
    """No answer came; `kind` says why: dns, connect_refused, timeout, tls, reset and so on."""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail


class Answer(NamedTuple):
    """What came back: header names in lower case, at most 16 KiB of the body."""

    status: int
    headers: Mapping[str, str]
    body_excerpt: bytes
    millis: int


def resolve(host: str, port: int) -> list[str]:
    """Ask the system's resolver for a name's addresses, each once, in its order."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def request(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    allow_local: bool,
    timeout: float = TIMEOUT_SECONDS,
    resolver: Resolver = resolve,
) -> Answer:
    """Send a request and give what came back, all within `timeout`; Failed or Forbidden otherwise.

    A redirect is an answer like others. The connection is kept a moment for the next request.
    """
    started = time.monotonic()
    target = parse(url, allow_local=allow_local)
    with failures():
        line = lines.take(target)
        line = line or lines.connect(target, deadline=started + timeout, resolver=resolver)
        line.deadline = started + timeout
        answer, whole = _exchange(line, target, method, headers, body)
    if whole:
        lines.keep(target, line)
    else:
        line.close()
    return answer._replace(millis=round((time.monotonic() - started) * 1000))


def check(url: str, *, allow_local: bool, resolver: Resolver = resolve) -> None:
    """Refuse a URL that would never be called; a name that does not resolve now may do so later."""
    target = parse(url, allow_local=allow_local)
    with contextlib.suppress(OSError):
        deadline = time.monotonic() + _CHECK_SECONDS
        lines.addresses(target, deadline=deadline, resolver=resolver)


def _exchange(
    line: Line, target: Target, method: str, headers: Mapping[str, str], body: bytes
) -> tuple[Answer, bool]:
    """Send, read the answer, and tell whether the connection can take another request."""
    connection = HTTPConnection(target.host, target.port)
    connection.sock = line
    try:
        connection.request(method, target.path, body, {"Host": target.authority, **headers})
        line.flush()
        with connection.getresponse() as response:
            excerpt = _excerpt(response)
            whole = not response.will_close and (response.length == 0 or response.isclosed())
            found = {name.lower(): value for name, value in response.headers.items()}
            return Answer(response.status, found, excerpt, 0), whole
    except BaseException:
        line.close()
        raise


def _excerpt(response: HTTPResponse) -> bytes:
    """Read the body as far as it is kept; the rest is never read."""
    found = bytearray()
    while len(found) < EXCERPT_BYTES:
        more = response.read1(EXCERPT_BYTES - len(found))
        if not more:
            break
        found += more
    if response.length and len(found) < EXCERPT_BYTES:
        raise HTTPException("the body ends too early")
    return bytes(found)


@contextlib.contextmanager
def failures() -> Iterator[None]:
    """Name what can go wrong; the details quote nothing that was received."""
    try:
        yield
    except socket.gaierror:
        raise Failed("dns", "The host's name does not resolve.") from None
    except TimeoutError:
        raise Failed("timeout", "No whole answer came in time.") from None
    except ssl.SSLError as error:
        raise Failed("tls", f"TLS failed: {error.reason or 'cut short'}.") from None
    except ConnectionRefusedError:
        raise Failed("connect_refused", "The host refuses the connection.") from None
    except ConnectionError:
        raise Failed("reset", "The connection was cut.") from None
    except OSError:
        raise Failed("unreachable", "The host cannot be reached.") from None
    except HTTPException:
        raise Failed("protocol", "The answer is not HTTP.") from None
