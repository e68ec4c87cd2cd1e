"""What the suite asks of a pattern: what to send, who works on it, and what came of it."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from faults.account import Seen
from faults.between import Between
from local.api import Answer, Api
from local.stack import Stack
from tests.receiver import Receiver

JSON = {"content-type": "application/json"}


class Role(Enum):
    """Where a function stands on the way."""

    FRONT = "answers the caller"
    RELAY = "reads a table's stream"
    WORKER = "reads a queue"


@dataclass(frozen=True)
class Hop:
    """A function on the way, and the services whose calls the suite can reach."""

    function: str
    role: Role
    services: tuple[str, ...] = ("DYNAMODB",)


@dataclass(frozen=True)
class Request:
    """A request that may be sent again and again, and the ids of what it makes."""

    send: Callable[[], Answer]
    ids: Callable[[Answer], list[str]]


@dataclass(frozen=True)
class Scene:
    """What all patterns play on."""

    stack: Stack
    api: Api
    receiver: Receiver
    doors: dict[str, Between] = field(default_factory=dict)  # by function


class Pattern(Protocol):
    """One way in which systems integrate, as the suite uses it."""

    name: str
    once: bool  # it promises that nothing is done twice

    @property
    def hops(self) -> Sequence[Hop]:
        """Give the functions on its way."""

    def requests(self, run: str, count: int) -> list[Request]:
        """Prepare, and say what to send: `count` units of work, marked with the run's word."""

    def look(self, ids: Collection[str]) -> Seen:
        """Say what has become of the ids so far."""
