"""Read from the functions' logs how often each was invoked, its time, and how much it says.

The emulator gives each invocation a log stream of its own, and ends it with a REPORT line.
"""

import re
import time
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from local.logs import function_name
from local.stack import Stack

BILLED = re.compile(r"Billed Duration: ([\d.]+) ms")
EVENT_BYTES = 26  # CloudWatch Logs bills them with each event, beside its text
QUIET_SECONDS = 3.0
LOOK_EVERY_SECONDS = 0.5
SETTLED_WITHIN_SECONDS = 300.0


@dataclass
class Invoked:
    """What one function did."""

    invocations: float = 0
    billed_ms: float = 0
    log_bytes: float = 0

    def add(self, message: str) -> None:
        """Take a line of its log."""
        self.log_bytes += len(message.encode()) + EVENT_BYTES
        if reported := BILLED.search(message):
            self.invocations += 1
            self.billed_ms += float(reported[1])


def counted(events: Iterable[dict[str, Any]]) -> dict[str, Invoked]:
    """Add up lines by function."""
    found: dict[str, Invoked] = defaultdict(Invoked)
    for event in events:
        found[function_name(event["group"])].add(event["message"])
    return dict(found)


@dataclass
class Logs:
    """Remembers which invocations it has seen."""

    stack: Stack
    seen: set[str] = field(default_factory=set)
    sizes: dict[str, int] = field(default_factory=dict)
    since: dict[str, int] = field(default_factory=dict)

    def settled(self) -> dict[str, Invoked]:
        """Wait until nothing goes on any more; give what has been since the last time."""
        before = self.sizes
        deadline, quiet = time.monotonic() + SETTLED_WITHIN_SECONDS, time.monotonic()
        while time.monotonic() - quiet < QUIET_SECONDS and time.monotonic() < deadline:
            time.sleep(LOOK_EVERY_SECONDS)
            with suppress(ClientError):  # the emulator's own log grew while it was listed
                sizes = self._sizes()
                if sizes != self.sizes:
                    self.sizes, quiet = sizes, time.monotonic()
        grown = [name for name, size in self.sizes.items() if size != before.get(name)]
        return counted(event for group in grown for event in self._fresh(group))

    def _sizes(self) -> dict[str, int]:
        pages = self.stack.client("logs").get_paginator("describe_log_groups")
        return {
            group["logGroupName"]: group["storedBytes"]
            for page in pages.paginate(logGroupNamePrefix="/aws/lambda/")
            for group in page["logGroups"]
        }

    def _fresh(self, group: str) -> list[dict[str, Any]]:
        """Read a group's new lines; a call gives the oldest ten thousand, and says of no others."""
        found: list[dict[str, Any]] = []
        while events := self._since(group):
            self.since[group] = events[-1]["timestamp"]
            self.seen.update(event["logStreamName"] for event in events)
            found += [event | {"group": group} for event in events]
        return found

    def _since(self, group: str) -> list[dict[str, Any]]:
        events = self.stack.client("logs").filter_log_events(
            logGroupName=group, startTime=self.since.get(group, 0)
        )["events"]
        return [event for event in events if event["logStreamName"] not in self.seen]
