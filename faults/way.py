"""The way through a pattern: its functions, with a proxy before each one's services."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from faults.between import Between, Plant
from faults.pattern import Hop, Pattern, Role, Scene
from local.stack import Stack
from tests.e2e.faults import physical_name, route_named

EVERYWHERE = frozenset(Role)


@dataclass(frozen=True)
class Way:
    """Functions by their names in the cloud, and what stands between them and their services."""

    names: Mapping[str, str]
    doors: Mapping[str, Between]

    @contextmanager
    def planted(
        self, pattern: Pattern, plant: Callable[[], Plant], roles: frozenset[Role] = EVERYWHERE
    ) -> Iterator[Callable[[], int]]:
        """Plant a fault before each function of these roles; give how often they struck."""
        doors = [self.doors[each.function] for each in pattern.hops if each.role in roles]
        plants = [plant() for _ in doors]
        for door, each in zip(doors, plants, strict=True):
            door.plants.append(each)
        try:
            yield lambda: sum(each.met for each in plants)
        finally:
            for door, each in zip(doors, plants, strict=True):
                door.plants.remove(each)


@contextmanager
def opened(scene: Scene, patterns: Sequence[Pattern]) -> Iterator[Way]:
    """Lead the functions' calls past us while the block lasts."""
    services = services_of([each for pattern in patterns for each in pattern.hops])
    names = {function: cloud_name(scene.stack, function) for function in services}
    with ExitStack() as doors:
        for function, name in names.items():
            door = doors.enter_context(Between(scene.stack.endpoint_url))
            scene.doors[function] = door
            doors.enter_context(_routed(scene.stack, name, services[function], door.url))
        yield Way(names, scene.doors)


def services_of(hops: Sequence[Hop]) -> dict[str, set[str]]:
    """Give each function's services: one that several patterns share has one door."""
    found: dict[str, set[str]] = {}
    for each in hops:
        found.setdefault(each.function, set()).update(each.services)
    return found


@contextmanager
def _routed(stack: Stack, name: str, services: Collection[str], url: str) -> Iterator[None]:
    for each in services:
        route_named(stack, name, each, url)
    try:
        yield
    finally:
        with suppress(BotoCoreError):  # the cloud may be gone by now
            for each in services:
                route_named(stack, name, each, stack.endpoint_url)


def cloud_name(stack: Stack, function: str) -> str:
    """Find a function of the template in the cloud; the suite's own is named as it is there."""
    try:
        return physical_name(stack, function)
    except ClientError:
        return function
