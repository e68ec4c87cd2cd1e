"""Connections to other people's servers: to checked addresses, by a deadline, kept for a moment.

The name is resolved once, every address is checked, and the connection goes to one of them: a
resolver that answers otherwise a moment later changes nothing.
"""

import contextlib
import io
import queue
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING

from interchange.targets import Forbidden, Target

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

# Servers close idle connections after five seconds and more; Lambda may freeze us in between.
_IDLE_SECONDS = 4.0
_MOST_KEPT = 64
_EXACT_ENOUGH_SECONDS = 0.05

type Resolver = Callable[[str, int], Sequence[str]]


class Line:
    """A socket with one deadline for all that is done on it: who trickles does not outlive it."""

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self.deadline = deadline
        self.kept_at = 0.0
        self._sock = sock
        self._timeout = 0.0
        self._unsent = bytearray()

    def sendall(self, data: bytes) -> None:
        """Take what http.client has to say, in parts: `flush` sends it as one."""
        self._unsent += data

    def makefile(self, _: str) -> io.BufferedReader:
        """Give the side to read from, as http.client asks."""
        return io.BufferedReader(_Reader(self, self._sock.makefile("rb", buffering=0)))

    def flush(self) -> None:
        """Send what was said."""
        rest = memoryview(bytes(self._unsent))
        self._unsent.clear()
        while rest:
            rest = rest[self.timed().send(rest) :]

    def timed(self) -> socket.socket:
        """Give the socket with the time that is left; TimeoutError when there is none."""
        seconds = left(self.deadline)
        if not 0 <= self._timeout - seconds < _EXACT_ENOUGH_SECONDS:  # it is a system call
            self._sock.settimeout(seconds)
            self._timeout = seconds
        return self._sock

    def is_usable(self) -> bool:
        """Tell whether a kept connection may take another request: young, open, and silent."""
        if time.time() - self.kept_at > _IDLE_SECONDS:  # the wall clock runs while we are frozen
            return False
        poll = select.poll()
        poll.register(self._sock, select.POLLIN)
        return not poll.poll(0)

    def close(self) -> None:
        """Close it."""
        self._sock.close()


class _Reader(io.RawIOBase):
    """Reads from a line until its deadline."""

    def __init__(self, line: Line, raw: socket.SocketIO) -> None:
        self._line = line
        self._raw = raw

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int | None:
        self._line.timed()
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


_kept: dict[Target, Line] = {}


def take(target: Target) -> Line | None:
    """Give the connection that was kept, if it is still good."""
    line = _kept.pop(target._replace(path=""), None)
    if line is None or line.is_usable():
        return line
    line.close()
    return None


def keep(target: Target, line: Line) -> None:
    """Keep a connection for the next request to the same place; the oldest gives way."""
    place = target._replace(path="")
    line.kept_at = time.time()
    gone = [place, *list(_kept)[: len(_kept) + 1 - _MOST_KEPT]]
    for each in gone:
        if replaced := _kept.pop(each, None):
            replaced.close()
    _kept[place] = line


def connect(target: Target, *, deadline: float, resolver: Resolver) -> Line:
    """Connect to the first address that takes us, and prove the name by its certificate."""
    sock = _connected(addresses(target, deadline=deadline, resolver=resolver), target, deadline)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if target.scheme == "http":
        return Line(sock, deadline)
    try:
        sock.settimeout(left(deadline))
        return Line(_trust().wrap_socket(sock, server_hostname=target.host), deadline)
    except BaseException:
        sock.close()
        raise


def addresses(target: Target, *, deadline: float, resolver: Resolver) -> Sequence[str]:
    """Resolve once and check every address: one bad address makes the name bad."""
    host, port = target.host, target.port
    found = [host] if target.is_address else _within(left(deadline), lambda: resolver(host, port))
    if not all(map(target.allows, found)):
        raise Forbidden("address_forbidden", "The host has an address that is not public.")
    if not found:
        raise socket.gaierror("no addresses")
    return found


def left(deadline: float) -> float:
    """Give the seconds that are left; TimeoutError when there are none."""
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise TimeoutError("the deadline has passed")
    return seconds


def _connected(found: Sequence[str], target: Target, deadline: float) -> socket.socket:
    for address in found[:-1]:
        with contextlib.suppress(OSError):
            return _connected_to(address, target.port, left(deadline) / 2)
    return _connected_to(found[-1], target.port, left(deadline))


def _connected_to(address: str, port: int, timeout: float) -> socket.socket:
    """Connect without a look-up: what is checked is an address, and stays one."""
    sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    try:
        sock.settimeout(timeout)
        sock.connect((address, port))
    except BaseException:
        sock.close()
        raise
    return sock


def _within[T](seconds: float, ask: Callable[[], T]) -> T:
    """Wait for an answer no longer than this: the system's resolver takes no timeout."""
    answers: queue.SimpleQueue[T | Exception] = queue.SimpleQueue()

    def asking() -> None:
        try:
            answers.put(ask())
        except Exception as error:  # noqa: BLE001 - raised where it is waited for
            answers.put(error)

    threading.Thread(target=asking, daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except queue.Empty:
        raise socket.gaierror("no answer in time") from None
    if isinstance(answer, Exception):
        raise answer
    return answer


@cache
def _trust() -> ssl.SSLContext:
    """Read the trust store once: it takes 17 ms."""
    return ssl.create_default_context()
