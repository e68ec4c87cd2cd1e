"""A customer's server: it keeps what it gets, and misbehaves where a test asks for that."""

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import monotonic
from typing import Any

HANG_SECONDS = 60


@dataclass(frozen=True)
class Received:
    """One request, as it came; header names in lower case."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    at: float = field(default_factory=monotonic)


class Handler(BaseHTTPRequestHandler):
    """Keeps a request, then does what its path is set to do."""

    protocol_version = "HTTP/1.1"
    receiver: "Receiver"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.receiver.received.append(Received(self.path, headers, body))
        behave = self.receiver.behaviours.get(self.path.partition("?")[0], answering(200))
        with contextlib.suppress(OSError):
            behave(self)

    def do_GET(self) -> None:
        self.do_POST()

    def log_message(self, format: str, *args: Any) -> None: ...


type Behaviour = Callable[[Handler], None]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of who hangs up: that is what tests do."""


class Receiver:
    """The server, for as long as the block lasts; over TLS where it has a context."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.received: list[Received] = []
        self.behaviours: dict[str, Behaviour] = {}
        self.connections = 0
        self.closing = threading.Event()
        handler = type("Bound", (Handler,), {"receiver": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self._scheme = "http"
        self._count_connections()
        if context is not None:
            self._scheme = "https"
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )

    @property
    def port(self) -> int:
        return self._server.server_port

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"{self._scheme}://{host}:{self.port}{path}"

    def at(self, path: str) -> list[Received]:
        """Give what came to a path."""
        return [each for each in self.received if each.path == path]

    def __enter__(self) -> "Receiver":
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()

    def _count_connections(self) -> None:
        process = self._server.process_request

        def counted(request: Any, client_address: Any) -> None:
            self.connections += 1
            process(request, client_address)

        self._server.process_request = counted  # type: ignore[method-assign]


def answering(
    status: int, headers: Mapping[str, str] | None = None, body: bytes = b"ok"
) -> Behaviour:
    """Answer like this."""

    def behave(handler: Handler) -> None:
        handler.send_response(status)
        for name, value in (headers or {}).items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return behave


def in_turn(*behaviours: Behaviour) -> Behaviour:
    """Do one thing after the other, and the last from then on."""
    left = list(behaviours)

    def behave(handler: Handler) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(handler)

    return behave


def saying(raw: bytes, *, then_hang: float = 0, trickle: float = 0) -> Behaviour:
    """Send these bytes as they are, at once or one by one, then wait or close."""

    def behave(handler: Handler) -> None:
        for piece in [raw[n : n + 1] for n in range(len(raw))] if trickle else [raw]:
            handler.wfile.write(piece)
            if handler.receiver.closing.wait(trickle):
                break
        handler.receiver.closing.wait(then_hang)
        handler.close_connection = True

    return behave


HANGING = saying(b"", then_hang=HANG_SECONDS)
HANGING_MID_BODY = saying(
    b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", then_hang=HANG_SECONDS
)
RUBBISH = saying(b"\x00\xff this is no HTTP \r\n\r\n")
CUT_SHORT = saying(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")


def resetting(handler: Handler) -> None:
    """Cut the connection with RST."""
    linger = struct.pack("ii", 1, 0)
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    handler.close_connection = True
    handler.connection.close()


def huge(megabytes: int) -> Behaviour:
    """Answer with more than anybody asked for."""

    def behave(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(megabytes * 1_000_000))
        handler.end_headers()
        for _ in range(megabytes * 10):
            handler.wfile.write(b"x" * 100_000)

    return behave
