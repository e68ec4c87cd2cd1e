"""A customer's server on this machine, for the story: it takes webhooks that prove themselves."""

import base64
import contextlib
import hmac
import threading
from collections.abc import Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from local.api import Api

_ANY_STATE = {"if-match": "*"}


class Customer:
    """What a customer has: a server, its endpoint's secret, the ids of what it was told."""

    def __init__(self, url: str = "") -> None:
        self.url = url
        self.secret = ""
        self._told: set[str] = set()

    def was_told(self, event_id: str) -> bool | None:
        """Tell whether an event has come; None for one that has not yet."""
        return event_id in self._told or None

    def take(self, id: str, time: str, signatures: str, body: bytes) -> HTTPStatus:
        """Prove one of the signatures as Standard Webhooks says, and keep the event's id."""
        key = base64.b64decode(self.secret.removeprefix("whsec_"))
        digest = hmac.digest(key, f"{id}.{time}.".encode() + body, "sha256")
        wanted = "v1," + base64.b64encode(digest).decode()
        if not any(hmac.compare_digest(wanted, each) for each in signatures.split()):
            return HTTPStatus.UNAUTHORIZED
        self._told.add(id)
        return HTTPStatus.NO_CONTENT


@contextlib.contextmanager
def subscribed(api: Api, topic: str) -> Iterator[Customer]:
    """Have a customer with an endpoint for a topic, for as long as the block lasts."""
    with _served() as customer:
        wanted = {"url": customer.url, "topics": [topic]}
        endpoint = api.post("/webhook-endpoints", wanted, expect=201).body
        customer.secret = endpoint["secret"]
        try:
            yield customer
        finally:
            api.call("DELETE", f"/webhook-endpoints/{endpoint['id']}", headers=_ANY_STATE)


@contextlib.contextmanager
def _served() -> Iterator[Customer]:
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.customer = Customer(f"http://127.0.0.1:{server.server_port}/")
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield server.customer
        finally:
            server.shutdown()


class _Server(ThreadingHTTPServer):
    customer: Customer


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        names = ("webhook-id", "webhook-timestamp", "webhook-signature")
        id, time, signatures = (self.headers.get(name, "") for name in names)
        self.send_response(self.server.customer.take(id, time, signatures, body))
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None: ...
