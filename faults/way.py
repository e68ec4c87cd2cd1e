"""The way through a pattern: its functions, with a proxy before each one's services."""

from collections.abc import Callable, Iterator, Mapping, Sequence
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
            door.plant = each
        try:
            yield lambda: sum(each.met for each in plants)
        finally:
            for door in doors:
                door.plant = Plant(lasts=0)


@contextmanager
def opened(scene: Scene, patterns: Sequence[Pattern]) -> Iterator[Way]:
    """Lead the functions' calls past us while the block lasts."""
    hops = [each for pattern in patterns for each in pattern.hops]
    names = {each.function: cloud_name(scene.stack, each.function) for each in hops}
    with ExitStack() as doors:
        for hop in hops:
            scene.doors[hop.function] = doors.enter_context(Between(scene.stack.endpoint_url))
            doors.enter_context(_routed(scene, hop, names[hop.function]))
        yield Way(names, scene.doors)


@contextmanager
def _routed(scene: Scene, hop: Hop, name: str) -> Iterator[None]:
    for service in hop.services:
        route_named(scene.stack, name, service, scene.doors[hop.function].url)
    try:
        yield
    finally:
        with suppress(BotoCoreError):  # the cloud may be gone by now
            for service in hop.services:
                route_named(scene.stack, name, service, scene.stack.endpoint_url)


def cloud_name(stack: Stack, function: str) -> str:
    """Find a function of the template in the cloud; the suite's own is named as it is there."""
    try:
        return physical_name(stack, function)
    except ClientError:
        return function
