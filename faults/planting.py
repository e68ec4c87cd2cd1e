"""The faults: each is planted in a pattern's way for as long as the block lasts."""

import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial

from faults import calls
from faults.between import Plant
from faults.pattern import Hop, Pattern, Role
from faults.way import Way
from tests.e2e.faults import kill_named

FOREVER = float("inf")
KILLING_SECONDS = 6.0
# Longer than a function has, and than the SDK waits for an answer.
HANGING_SECONDS = 12.0


type Fault = Callable[[Way, Pattern], AbstractContextManager[Callable[[], int]]]


@contextmanager
def killed(way: Way, pattern: Pattern) -> Iterator[Callable[[], int]]:
    """Kill its functions' processes at random; each call takes a while, so they are at work."""
    stop = threading.Event()
    deaths: list[int] = []
    names = [way.names[each.function] for each in pattern.hops]
    killer = threading.Thread(target=_kill, args=(names, deaths, stop))

    def met() -> int:
        return sum(deaths)

    with way.planted(pattern, lambda: Plant(pause=lambda: 0.2, lasts=KILLING_SECONDS)):
        killer.start()
        try:
            yield met
        finally:
            stop.set()
            killer.join()


def _kill(names: Sequence[str], deaths: list[int], stop: threading.Event) -> None:
    ends = time.monotonic() + KILLING_SECONDS
    while not stop.wait(random.uniform(0.2, 0.8)):
        if time.monotonic() > ends and any(deaths):
            return
        deaths.append(kill_named(random.choice(names)))


def duplicated(way: Way, pattern: Pattern) -> AbstractContextManager[Callable[[], int]]:
    """Give SQS and SNS each message twice, and its sender no answer at first: it sends again.

    A relay that hears nothing fails, and reads its stream's records again. The caller sends each
    request twice, too.
    """
    twice = partial(Plant, calls.is_send, lasts=FOREVER, copies=2, deaf_seconds=2)
    return way.planted(pattern, twice)


def reordered(way: Way, pattern: Pattern) -> AbstractContextManager[Callable[[], int]]:
    """Hold one call in three back, while others overtake it; some come after their worker's end."""
    roles = frozenset({Role.FRONT, Role.WORKER})
    return way.planted(pattern, lambda: Plant(pause=_sometimes, lasts=10), roles)


def _sometimes() -> float:
    return random.choice((0, 0, random.uniform(0.5, 7)))


def delayed(way: Way, pattern: Pattern) -> AbstractContextManager[Callable[[], int]]:
    """Have every service answer late."""
    return way.planted(pattern, lambda: Plant(pause=lambda: 1.5))


def throttled(way: Way, pattern: Pattern) -> AbstractContextManager[Callable[[], int]]:
    """Have every service refuse, as if it was asked too often."""
    return way.planted(pattern, lambda: Plant(refuse=calls.throttled))


def timed_out(way: Way, pattern: Pattern) -> AbstractContextManager[Callable[[], int]]:
    """Have every service hang until the function's time is over."""
    return way.planted(pattern, lambda: Plant(hang=_released_late))


def _released_late() -> threading.Event:
    released = threading.Event()
    timer = threading.Timer(HANGING_SECONDS, released.set)
    timer.daemon = True
    timer.start()
    return released


def filled(way: Way, pattern: Pattern) -> AbstractContextManager[Callable[[], int]]:
    """Have tables, queues and topics take nothing more, as if their disk was full."""
    return way.planted(pattern, lambda: Plant(calls.is_write, refuse=calls.full))


@contextmanager
def stopped(way: Way, pattern: Pattern) -> Iterator[Callable[[], int]]:
    """Leave its workers in the middle of their work, until the store that they work on is gone."""
    hops: Sequence[Hop] = [each for each in pattern.hops if each.role is Role.WORKER]
    gone = threading.Event()
    plant = Plant(hang=lambda: gone, lasts=FOREVER)
    workers = frozenset({Role.WORKER})
    with way.planted(pattern, lambda: plant, workers):
        try:
            yield lambda: 1 + plant.met if hops else 1  # the restart itself is one
        finally:
            gone.set()


FAULTS: Mapping[str, Fault] = {
    "kill": killed,
    "duplicate": duplicated,
    "reorder": reordered,
    "delay": delayed,
    "throttle": throttled,
    "timeout": timed_out,
    "full": filled,
}
