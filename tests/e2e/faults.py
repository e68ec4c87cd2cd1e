"""Faults to plant in the deployed stack: workers that die, services that hang or refuse."""

import contextlib
import http.client
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from local.cloud import STATE
from local.stack import Stack

# The folder of this run's stack: another stack on the machine has functions of the same names.
FOLDER = STATE / f"e2e-{os.getpid()}"

type Match = Callable[[str, bytes], bool]
type Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Gate:
    """Holds the first request that matches; the test says what becomes of it."""

    match: Match
    reached: threading.Event = field(default_factory=threading.Event)
    opened: threading.Event = field(default_factory=threading.Event)
    drop: bool = False


@dataclass
class Refusal:
    """Answers every request that matches, in the service's place."""

    match: Match
    status: int
    body: bytes


@dataclass
class Delay:
    """Lets every request that matches wait."""

    match: Match
    seconds: float


class Proxy:
    """Stands between a function and the cloud, passes on what no fault is planted for."""

    def __init__(self, target: str) -> None:
        self.target = urlsplit(target).netloc
        self._gates: list[Gate] = []
        self._refusals: list[Refusal] = []
        self._delays: list[Delay] = []
        self._lock = threading.Lock()
        handler = type("Handler", (_Handler,), {"proxy": self})
        self._server = _Server(("127.0.0.1", 0), handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> Self:
        """Answer from now on."""
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def hold(self, match: Match) -> Gate:
        """Hold the next request that matches, before the cloud has seen it."""
        gate = Gate(match)
        with self._lock:
            self._gates.append(gate)
        return gate

    @contextlib.contextmanager
    def refusing(self, match: Match, status: int, body: bytes) -> Iterator[None]:
        """Answer matching requests in the service's place."""
        refusal = Refusal(match, status, body)
        self._refusals.append(refusal)
        try:
            yield
        finally:
            self._refusals.remove(refusal)

    @contextlib.contextmanager
    def delaying(self, match: Match, seconds: float) -> Iterator[None]:
        """Let matching requests wait before the cloud sees them."""
        delay = Delay(match, seconds)
        self._delays.append(delay)
        try:
            yield
        finally:
            self._delays.remove(delay)

    def delay(self, operation: str, body: bytes) -> float:
        """Say how long a request is to wait."""
        return sum(each.seconds for each in self._delays if each.match(operation, body))

    def refusal(self, operation: str, body: bytes) -> Refusal | None:
        """Find the refusal that is planted for a request."""
        return next((each for each in self._refusals if each.match(operation, body)), None)

    def gate(self, operation: str, body: bytes) -> Gate | None:
        """Take the gate that is planted for a request: each holds one."""
        with self._lock:
            found = next((each for each in self._gates if each.match(operation, body)), None)
            if found is not None:
                self._gates.remove(found)
        return found

    def copies(self, operation: str, body: bytes) -> int:  # noqa: ARG002 - for those who override it
        """Say how often the cloud is to get a request."""
        return 1

    def heard(self, operation: str, body: bytes, answer: Answer) -> Answer:  # noqa: ARG002 - the same
        """Say what the function hears of the cloud's answer."""
        return answer


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of who is killed, or not up: that is what is planted."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    proxy: Proxy

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        operation = self.headers.get("x-amz-target", self.path)
        if refusal := self.proxy.refusal(operation, body):
            self._answer(refusal.status, {}, refusal.body)
            return
        time.sleep(self.proxy.delay(operation, body))
        if gate := self.proxy.gate(operation, body):
            gate.reached.set()
            gate.opened.wait(60)
            if gate.drop:
                self.close_connection = True
                return
        for _ in range(self.proxy.copies(operation, body)):
            answer = self._forward(body)
        self._answer(*self.proxy.heard(operation, body, answer))

    def _forward(self, body: bytes) -> Answer:
        with contextlib.closing(http.client.HTTPConnection(self.proxy.target, timeout=60)) as cloud:
            cloud.request(self.command, self.path, body, dict(self.headers))
            response = cloud.getresponse()
            return response.status, dict(response.getheaders()), response.read()

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in {"content-length", "transfer-encoding", "connection"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None: ...


def intercepted(stack: Stack, function: str, service: str) -> Proxy:
    """Stand between a function and a service, for as long as this process lives.

    It is not put back: to change what a function is configured with takes its files from workers
    that are busy.
    """
    proxy = Proxy(stack.endpoint_url).start()
    route(stack, function, service, proxy.url)
    return proxy


def route(stack: Stack, function: str, service: str, url: str) -> None:
    """Send a function's calls of one service elsewhere."""
    route_named(stack, physical_name(stack, function), service, url)


def route_named(stack: Stack, name: str, service: str, url: str) -> None:
    """Do so by the function's name in the cloud; botocore reads this variable."""
    configure_named(stack, name, **{f"AWS_ENDPOINT_URL_{service}": url})


def configure(stack: Stack, function: str, **variables: str) -> None:
    """Give a function other variables, as a deployment would."""
    configure_named(stack, physical_name(stack, function), **variables)


def configure_named(stack: Stack, name: str, **variables: str) -> None:
    """Do so by the function's name in the cloud."""
    client = stack.client("lambda")
    found = client.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    environment = {"Variables": found | variables}
    client.update_function_configuration(FunctionName=name, Environment=environment)


def kill(stack: Stack, function: str) -> int:
    """Kill every process that the function runs in, as a power cut would; return how many."""
    return kill_named(physical_name(stack, function))


def kill_named(name: str) -> int:
    """Do so by the function's name in the cloud."""
    listing = subprocess.run(
        ["ps", "-axwwo", "pid=,command="], capture_output=True, text=True, check=True
    )
    pids = [
        int(line.split(None, 1)[0])
        for line in listing.stdout.splitlines()
        if name in line and line.rstrip().endswith("_worker.py") and f"{FOLDER}/" in line
    ]
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return len(pids)


def kill_peer(port: int) -> None:
    """Kill the process whose connection is from this port, and no other; Linux says which."""
    (inode,) = (
        line[9]
        for line in map(str.split, Path("/proc/net/tcp").read_text().splitlines()[1:])
        if int(line[1].partition(":")[2], 16) == port and line[9] != "0"
    )
    for file in Path("/proc").glob("[0-9]*/fd/*"):
        with contextlib.suppress(OSError):  # the process, or its file, is gone by now
            if str(file.readlink()) == f"socket:[{inode}]":
                os.kill(int(file.parts[2]), signal.SIGKILL)
                return
    raise AssertionError(f"nobody is at port {port}")


def physical_name(stack: Stack, function: str) -> str:
    """Find the function's name in the cloud by its name in the template."""
    resource = stack.client("cloudformation").describe_stack_resource(
        StackName="interchange", LogicalResourceId=function
    )
    name: str = resource["StackResourceDetail"]["PhysicalResourceId"]
    return name


def schedules(stack: Stack) -> Iterator[dict[str, Any]]:
    """Give every schedule of EventBridge Scheduler, whoever made it and whatever it calls."""
    scheduler = stack.client("scheduler")
    for page in scheduler.get_paginator("list_schedules").paginate():
        for each in page["Schedules"]:
            with contextlib.suppress(scheduler.exceptions.ResourceNotFoundException):  # just fired
                yield scheduler.get_schedule(GroupName=each["GroupName"], Name=each["Name"])
