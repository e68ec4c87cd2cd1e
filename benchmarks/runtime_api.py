"""Lambda's Runtime API for one instance: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, SimpleQueue

from local.cloud import HOST

REQUEST_ID = "3e6f1a52-0d6c-4e0f-8f0a-6f1d7b2c9a10"
_PATIENCE_SECONDS = 30


class BenchmarkError(Exception):
    """A function did not do what it was to be measured at."""


@dataclass(frozen=True)
class Answer:
    """What the function answered, and the seconds from the event's dispatch to the answer."""

    body: bytes
    seconds: float


class Instance:
    """One execution environment as the platform sees it."""

    def __init__(self) -> None:
        self._asked: SimpleQueue[None] = SimpleQueue()
        self._events: SimpleQueue[bytes | None] = SimpleQueue()
        self._answers: SimpleQueue[Answer | BenchmarkError] = SimpleQueue()
        self._sent_at = 0.0
        self.address = ""

    def wait_until_it_asks(self) -> None:
        """Return once the function waits for an event: initialised, or done with the last one."""
        try:
            self._asked.get(timeout=_PATIENCE_SECONDS)
        except Empty:
            raise BenchmarkError("The function never asked for an event.") from None
        if not self._answers.empty():  # it failed to initialise
            self._take()

    def invoke(self, event: bytes) -> Answer:
        """Hand out an event and wait for the answer."""
        self._events.put(event)
        return self._take()

    def _take(self) -> Answer:
        try:
            answer = self._answers.get(timeout=_PATIENCE_SECONDS)
        except Empty:
            raise BenchmarkError("The function never answered.") from None
        if isinstance(answer, BenchmarkError):
            raise answer
        return answer

    def next_event(self) -> bytes | None:
        """Give the next event, or None at the end; called in the server's thread."""
        self._asked.put(None)
        event = self._events.get()
        self._sent_at = time.perf_counter()
        return event

    def answered(self, body: bytes, at: float) -> None:
        """Keep an answer; called in the server's thread."""
        self._answers.put(Answer(body, at - self._sent_at))

    def failed(self, body: bytes) -> None:
        """Keep an error; called in the server's thread."""
        self._answers.put(BenchmarkError(body.decode()))
        self._asked.put(None)

    def end(self) -> None:
        """Let the server's waiting thread go."""
        self._events.put(None)


@contextmanager
def serving() -> Iterator[Instance]:
    """Serve the API for one process."""
    instance = Instance()

    class Requests(_Requests):
        served = instance

    with ThreadingHTTPServer((HOST, 0), Requests) as server:
        instance.address = f"{HOST}:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield instance
        instance.end()
        server.shutdown()


class _Requests(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one write an answer
    disable_nagle_algorithm = True
    served: Instance

    def do_GET(self) -> None:
        """Hand out the next event."""
        event = self.served.next_event()
        if event is None:
            self.close_connection = True
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(event)))
        self.send_header("Lambda-Runtime-Aws-Request-Id", REQUEST_ID)
        self.send_header("Lambda-Runtime-Deadline-Ms", str(int(1000 * (time.time() + 10))))
        self.send_header(
            "Lambda-Runtime-Invoked-Function-Arn",
            "arn:aws:lambda:us-east-1:123456789012:function:read",
        )
        self.send_header("Lambda-Runtime-Trace-Id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700")
        self.end_headers()
        self.wfile.write(event)

    def do_POST(self) -> None:
        """Take an answer or an error."""
        at = time.perf_counter()
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path.endswith("/response"):
            self.served.answered(body, at)
        else:
            self.served.failed(body)
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""
