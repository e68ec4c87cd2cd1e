"""Stand in for DynamoDB on the loopback interface: GetItem finds one product and nothing else."""

import json
import ssl
import subprocess
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from benchmarks.bundles import FOLDER, PEERS_ENVIRONMENT
from local.cloud import HOST

PRODUCT_ID = "espresso-machine"
FOUND = json.dumps(
    {
        "Item": {
            "id": {"S": PRODUCT_ID},
            "name": {"S": "Espresso machine"},
            "description": {"S": "Dual boiler, with a pressure gauge and a 58 mm portafilter."},
            "category": {"S": "kitchen"},
            "price": {"N": "74900"},
            "currency": {"S": "EUR"},
            "stock": {"N": "12"},
            "created_at": {"S": "2026-01-15T09:30:00.000Z"},
            "updated_at": {"S": "2026-01-15T09:30:00.000Z"},
            "version": {"N": "3"},
        }
    }
).encode()


@dataclass(frozen=True)
class DynamoDB:
    """Where it listens, and the trust store that vouches for it."""

    url: str
    trust_store: Path | None


class _Requests(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one write an answer
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        """Answer GetItem."""
        key = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["Key"]
        body = FOUND if key == {"id": {"S": PRODUCT_ID}} else b"{}"
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("x-amzn-RequestId", "B4K0GT2N9C8L6H1V5R3M7QZXWA")
        self.send_header("x-amz-crc32", str(zlib.crc32(body)))  # botocore checks it
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


@contextmanager
def over_http() -> Iterator[DynamoDB]:
    """Listen without TLS: enough to count, and no certificate is needed."""
    with _serving(ThreadingHTTPServer((HOST, 0), _Requests)) as port:
        yield DynamoDB(f"http://{HOST}:{port}", None)


@contextmanager
def over_tls(usual_trust_store: Path) -> Iterator[DynamoDB]:
    """Listen with a certificate of our own, trusted beside the authorities that botocore ships.

    Reading a trust store of the usual size is a part of every cold start.
    """
    folder = FOLDER / "certificates"
    folder.mkdir(parents=True, exist_ok=True)
    trustme = [str(PEERS_ENVIRONMENT / "bin/python"), "-m", "trustme", "--quiet"]
    subprocess.run([*trustme, "--dir", str(folder), "--identities", HOST], check=True)
    trust_store = folder / "trust-store.pem"
    authority = (folder / "client.pem").read_bytes()
    trust_store.write_bytes(usual_trust_store.read_bytes() + authority)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    server = ThreadingHTTPServer((HOST, 0), _Requests)
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    with _serving(server) as port:
        yield DynamoDB(f"https://{HOST}:{port}", trust_store)


@contextmanager
def _serving(server: ThreadingHTTPServer) -> Iterator[int]:
    with server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()
