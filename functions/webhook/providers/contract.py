"""What a provider's module is given, and what it gives back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


class Misconfigured(Exception):
    """A source that cannot work; says why to operators, and quotes no secret."""


@dataclass(frozen=True, slots=True)
class Source:
    """A system that calls us; several secrets are active while one replaces another."""

    name: str
    provider: str
    topic: str
    secrets: Sequence[str]
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request as it came, of which nothing is proven; header names are in lower case."""

    body: bytes
    headers: Mapping[str, str]
    now: datetime
    media: str = JSON
    query: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Reply:
    """What a provider wants to hear where our own answer would confuse it."""

    body: str
    media: str


class Verified(NamedTuple):
    """An authentic webhook: the provider's event id, which deduplicates, and its type."""

    event_id: str
    type: str
    reply: Reply | None = None


@dataclass(frozen=True, slots=True)
class Handshake:
    """An authentic question whether we are there: it is answered, and is no event."""

    reply: Reply


type Verify = Callable[[Incoming, Source], Verified | Handshake]
type Check = Callable[[Source], None]


def _anything(_: Source) -> None:
    """Accept any secret: the provider chooses its form, or none."""


@dataclass(frozen=True, slots=True)
class Provider:
    """How a provider proves itself, and what its sources may say in their configuration.

    `media` None reads any Content-Type; `headers` are kept with the event; of the options, those
    in `required` must be there; `check` refuses secrets and options that cannot work.
    """

    verify: Verify
    media: tuple[str, ...] | None = (JSON,)
    headers: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    check: Check = _anything
