"""Run the patterns under the faults: those of one fault side by side, one fault after another."""

import time
import uuid
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import partial

from faults.account import Account, Seen, Sent, account
from faults.callers import send_all
from faults.machine import Machine
from faults.pattern import Pattern, Request
from faults.planting import FAULTS, stopped
from faults.way import Way
from local.api import StoryError, until

DUPLICATE, RESTART = "duplicate", "restart"
NAMES = (*FAULTS, RESTART)
PATTERNS_AT_ONCE = 4
SETTLED_WITHIN_SECONDS = 240.0
LATE_SECONDS = 2.0  # what is done twice is done twice by then


@dataclass
class Cell:
    """One pattern under one fault, while it runs."""

    pattern: Pattern
    fault: str
    requests: Sequence[Request]
    sent: Sent = field(default_factory=Sent)

    def account(self, met: Callable[[], int]) -> Account:
        """Wait for the end of what was accepted, and draw up its account."""
        return account(
            self.pattern.name,
            self.fault,
            sent=self.sent,
            seen=settled(self.pattern, self.sent.accepted),
            met=met(),
            once=self.pattern.once,
        )


def columns(
    way: Way,
    patterns: Sequence[Pattern],
    faults: Sequence[str],
    *,
    count: int,
    machine: Machine,
) -> Iterator[Account]:
    """Run all cells; give each one's account as it is drawn up."""
    for fault in faults:
        cells = [prepared(each, fault, count) for each in patterns]
        if fault == RESTART:
            yield from restarted(way, cells, machine)
        else:
            yield from side_by_side([partial(run, way, each) for each in cells])


def prepared(pattern: Pattern, fault: str, count: int) -> Cell:
    """Make ready what is to be sent, under a word that no other cell uses."""
    return Cell(pattern, fault, pattern.requests(uuid.uuid4().hex[:12], count))


def side_by_side[T](tasks: Sequence[Callable[[], T]]) -> Iterator[T]:
    """Do several things at a time, and give what is done first."""
    with ThreadPoolExecutor(PATTERNS_AT_ONCE) as pool:
        for each in as_completed([pool.submit(task) for task in tasks]):
            yield each.result()


def run(way: Way, cell: Cell) -> Account:
    """Send everything while the fault is there, and see what becomes of it."""
    times = 2 if cell.fault == DUPLICATE else 1
    with FAULTS[cell.fault](way, cell.pattern) as met:
        send_all(cell.requests, cell.sent, times=times)
        return cell.account(lambda: met() + (times - 1) * len(cell.requests))


def restarted(way: Way, cells: Sequence[Cell], machine: Machine) -> Iterator[Account]:
    """Send one half, restart the store while workers are at it, send the other half meanwhile."""
    futures: list[Future[None]] = []
    with ThreadPoolExecutor(PATTERNS_AT_ONCE) as callers, ExitStack() as planted:
        met = [planted.enter_context(stopped(way, each.pattern)) for each in cells]
        for _ in side_by_side([partial(_send_half, each, 0) for each in cells]):
            pass
        later = [partial(_send_half, each, 1) for each in cells]
        machine.restart(meanwhile=lambda: futures.extend(callers.submit(each) for each in later))
        planted.close()
        for each in futures:
            each.result()
    yield from side_by_side(
        [partial(each.account, struck) for each, struck in zip(cells, met, strict=True)]
    )


def _send_half(cell: Cell, half: int) -> None:
    middle = (len(cell.requests) + 1) // 2  # the only one is among those that are under way
    send_all(cell.requests[middle:] if half else cell.requests[:middle], cell.sent)


def settled(pattern: Pattern, ids: Collection[str]) -> Seen:
    """Look until each id has its effect or its reason, and once more; or until time is up."""
    try:
        until("the end", lambda: _settles(pattern, ids), within=SETTLED_WITHIN_SECONDS)
    except StoryError:
        return pattern.look(ids)  # what has neither now is lost
    time.sleep(LATE_SECONDS)
    return pattern.look(ids)


def _settles(pattern: Pattern, ids: Collection[str]) -> bool | None:
    with suppress(StoryError):  # the cloud may be too busy to answer
        if pattern.look(ids).settles(ids):
            return True
    time.sleep(0.5)  # looking costs it what the workers need
    return None
