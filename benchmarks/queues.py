"""`python -m benchmarks.queues`: what a task of no work costs our worker, and others'.

The others' broker is a Redis on this machine (`redis-server` on the PATH), ours a DynamoDB that
answers at once over the loopback interface. Counted is the worker's CPU time: not the broker's.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median

from benchmarks import tasks
from benchmarks.drive_tasks import ROW
from benchmarks.runtime_api import BenchmarkError
from local.cloud import HOST, free_port

WORKERS = ("celery", "dramatiq", "huey", "taskiq")

_ROUNDS = 5
_COUNT = 2000
_PATIENCE_SECONDS = 120


def main() -> int:
    """Take turns, round by round; print medians and what they are of ours."""
    found: dict[str, list[float]] = {}
    with _dynamodb() as dynamodb:
        for _ in range(_ROUNDS):
            for name in ("interchange", "powertools"):
                found.setdefault(name, []).append(tasks.run(f"{name}_task", 1, endpoint=dynamodb))
            for name in WORKERS:
                found.setdefault(name, []).append(_worker(name))
    ours = median(found["interchange"])
    for name, seconds in sorted(found.items(), key=lambda each: median(each[1])):
        print(f"| {name} | {1e6 * median(seconds):,.0f} | {median(seconds) / ours:.2f} |")
    return 0


def _worker(name: str) -> float:
    """Give the CPU seconds of one task of a worker, which ends itself after the last."""
    reading, writing = os.pipe()
    script = Path(__file__).parent / "peers" / f"{name}_worker.py"
    with _redis() as redis:
        subprocess.run(
            [tasks.PEER, script],
            env={"REDIS_URL": redis, "COUNT": str(_COUNT), "RESULTS": str(writing)},
            pass_fds=[writing],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_PATIENCE_SECONDS,
            check=False,
        )
    os.close(writing)
    with os.fdopen(reading) as results:
        text = results.read()
    if not text:
        raise BenchmarkError(f"{name}: the worker did not do its tasks.")
    return float(text)


@contextmanager
def _redis() -> Iterator[str]:
    """Run a Redis that keeps nothing."""
    command = shutil.which("redis-server")
    if command is None:
        raise BenchmarkError("The others need redis-server on the PATH.")
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        options = ["--port", str(port), "--bind", HOST, "--save", "", "--dir", folder]
        with subprocess.Popen([command, *options], stdout=subprocess.DEVNULL) as server:
            time.sleep(1)
            yield f"redis://{HOST}:{port}/0"
            server.terminate()


class _Requests(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one write an answer
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        """Claim and end whatever task; nothing is paused."""
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        shown = asked.get("ReturnValues") == "ALL_NEW"
        body = json.dumps({"Attributes": ROW} if shown else {}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


@contextmanager
def _dynamodb() -> Iterator[str]:
    with ThreadingHTTPServer((HOST, 0), _Requests) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://{HOST}:{server.server_port}"
        server.shutdown()


if __name__ == "__main__":
    sys.exit(main())
