"""Stand between the functions and the embedded cloud, and count what AWS bills for.

DynamoDB is asked what each call consumes, the indexes included. Those calls are signed anew, as
the emulator checks a role's signature over the body.
"""

import contextlib
import http.client
import json
import math
import re
import threading
from collections import defaultdict
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from local.cloud import HOST, REGION

BILLED_BYTES = 64 * 1024  # SNS and SQS bill each as a request
READS = ("GetItem", "BatchGetItem", "TransactGetItems", "Query", "Scan")
SCOPE = re.compile(r"Credential=[^/]+/[^/]+/[^/]+/([^/]+)/")
OBJECTS = {"GET": "gets", "HEAD": "gets", "PUT": "puts", "POST": "puts"}


class Recorder:
    """The counts, and the server that makes them, for as long as the block lasts."""

    def __init__(self, target: str) -> None:
        self.target = urlsplit(target).netloc
        self.counts: defaultdict[str, float] = defaultdict(float)
        handler = type("Handler", (_Handler,), {"recorder": self})
        self._server = ThreadingHTTPServer((HOST, 0), handler)
        self._server.daemon_threads = True
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        """Where the functions are to send their calls."""
        return f"http://{HOST}:{self._server.server_port}"

    def __enter__(self) -> "Recorder":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def count(self, units: Iterable[tuple[str, float]]) -> None:
        """Add what a call came to."""
        with self._lock:
            for name, number in units:
                self.counts[name] += number

    def taken(self) -> dict[str, float]:
        """Give the counts, and begin anew."""
        with self._lock:
            found, self.counts = dict(self.counts), defaultdict(float)
        return found


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    recorder: Recorder

    def do_POST(self) -> None:
        """Pass a call on, count it, pass the answer back."""
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = dict(self.headers)
        service = service_of(self.headers.get("authorization", ""))
        if service == "dynamodb":
            body, headers = asking(body, self.headers["x-amz-target"], self.recorder.target)
        with contextlib.closing(self._cloud()) as cloud:
            cloud.request(self.command, self.path, body, headers)
            answer = cloud.getresponse()
            found = answer.read()
        operation = self.headers.get("x-amz-target", "").rpartition(".")[2] or self.command
        self.recorder.count(units_of(service, operation, body, found, answer.status))
        self._pass_back(answer, found)

    do_GET = do_PUT = do_HEAD = do_DELETE = do_POST  # noqa: N815 - http.server's names

    def _cloud(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(self.recorder.target, timeout=60)

    def _pass_back(self, answer: http.client.HTTPResponse, body: bytes) -> None:
        self.send_response(answer.status)
        length = answer.getheader("content-length", "0") if self.command == "HEAD" else len(body)
        for name, value in answer.getheaders():
            if name.lower() not in {"content-length", "transfer-encoding", "connection"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None: ...


def service_of(authorization: str) -> str:
    """Read the service from the scope of a signature."""
    found = SCOPE.search(authorization)
    return found[1] if found else "none"


def asking(body: bytes, target: str, host: str) -> tuple[bytes, dict[str, str]]:
    """Ask DynamoDB what the call consumes, and sign as the emulator's own account."""
    asked = json.dumps(json.loads(body) | {"ReturnConsumedCapacity": "INDEXES"}).encode()
    headers = {"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.0"}
    request = AWSRequest("POST", f"http://{host}/", headers=headers, data=asked)
    SigV4Auth(Credentials("test", "test"), "dynamodb", REGION).add_auth(request)
    return asked, dict(request.headers.items())


def units_of(
    service: str, operation: str, body: bytes, answer: bytes, status: int
) -> Iterable[tuple[str, float]]:
    """Say what a call is billed as; what is not known here is counted under its own name."""
    match service:
        case "dynamodb":
            kind = "read_units" if operation in READS else "write_units"
            yield f"dynamodb.{kind}", consumed(answer, status, write=kind == "write_units")
        case "sns":
            yield "sns.publishes", math.ceil(len(body) / BILLED_BYTES)
        case "sqs" if operation.startswith("SendMessage"):
            yield "sqs.fair", body.count(b'"MessageGroupId"')
        case "sqs":
            yield "sqs.others", 1
        case "s3" if operation in OBJECTS:
            yield f"s3.{OBJECTS[operation]}", 1
        case "ses":
            yield "ses.emails", 1
        case "scheduler" if operation == "POST":
            yield "scheduler.schedules", 1
        case _:
            yield f"unbilled.{service}.{operation}", 1


def consumed(answer: bytes, status: int, *, write: bool) -> float:
    """Add up what DynamoDB says; a refused write is billed, too, at least one unit."""
    if status != http.HTTPStatus.OK:
        return 1.0 if write else 0.0
    found = json.loads(answer).get("ConsumedCapacity", [])
    each_table = found if isinstance(found, list) else [found]
    return float(sum(each["CapacityUnits"] for each in each_table))
