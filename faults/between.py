"""What stands between a function and the services it calls, and how it breaks what passes."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus

from faults import calls
from tests.e2e.faults import Answer, Gate, Match, Proxy, Refusal

LASTS_SECONDS = 5.0


@dataclass(eq=False)
class Plant:
    """One fault: what it strikes, from its first strike on for some seconds, and how."""

    match: Match = lambda _, __: True
    lasts: float = LASTS_SECONDS
    pause: Callable[[], float] | None = None
    refuse: Callable[[str], tuple[int, bytes]] | None = None
    hang: Callable[[], threading.Event] | None = None
    copies: int = 1
    deaf_seconds: float = 0  # the calls are carried out, and their answers lost
    met: int = 0
    _since: float | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def strikes(self, operation: str, body: bytes) -> bool:
        """Tell whether the fault strikes a call, and count it."""
        with self._lock:
            if not self.match(operation, body):
                return False
            self._since = self._since or time.monotonic()
            if time.monotonic() - self._since > self.lasts:
                return False
            self.met += 1
            return True

    def is_deaf(self) -> bool:
        """Tell whether answers are lost: the same is sent again, a stream's batch read again."""
        return self._since is not None and time.monotonic() - self._since < self.deaf_seconds


class Between(Proxy):
    """A proxy with the faults of all patterns that go through it; it remembers some bodies.

    Each fault strikes and counts as if it stood there alone; a call feels the worst of them.
    """

    def __init__(self, target: str) -> None:
        super().__init__(target)
        self.plants: list[Plant] = []
        self.through: list[bytes] = []

    def delay(self, operation: str, body: bytes) -> float:
        """Let the call wait."""
        waits = [
            each.pause()
            for each in list(self.plants)
            if each.pause and each.strikes(operation, body)
        ]
        return max(waits, default=0.0)

    def refusal(self, operation: str, body: bytes) -> Refusal | None:
        """Answer in the service's place."""
        refusals = [
            Refusal(each.match, *each.refuse(operation))
            for each in list(self.plants)
            if each.refuse and each.strikes(operation, body)
        ]
        return next(iter(refusals), None)

    def gate(self, operation: str, body: bytes) -> Gate | None:
        """Let the call hang, and never carry it out."""
        gates = [
            Gate(each.match, opened=each.hang(), drop=True)
            for each in list(self.plants)
            if each.hang and each.strikes(operation, body)
        ]
        return next(iter(gates), None)

    def copies(self, operation: str, body: bytes) -> int:
        """Carry the call out more than once."""
        copies = [
            each.copies
            for each in list(self.plants)
            if each.copies > 1 and each.strikes(operation, body)
        ]
        return max(copies, default=1)

    def heard(self, operation: str, body: bytes, answer: Answer) -> Answer:
        """Remember e-mails, which the emulator forgets with its process; lose some answers."""
        if answer[0] == HTTPStatus.OK and "/email/" in operation:
            self.through.append(body)
        deaf = any(each.match(operation, body) and each.is_deaf() for each in list(self.plants))
        status, said = calls.full(operation)
        return (status, {}, said) if deaf else answer
