"""Follow what the functions log, one compact line each."""

import json
import re
import time
from dataclasses import dataclass, field
from typing import Any

from local.stack import Stack

LOOK_EVERY_SECONDS = 0.5
ERRORS_SHOWN = 50
MOST_LINES = 10_000  # of an answer of the emulator's, which never says that there are more
NOISE = ("START ", "END ", "REPORT ", '{"_aws"')  # the platform's own lines, and metrics


@dataclass
class Follower:
    """Remembers how much of each log group it has seen."""

    stack: Stack
    sizes: dict[str, int] = field(default_factory=dict)
    since: dict[str, int] = field(default_factory=dict)
    streams: set[str] = field(default_factory=set)

    def follow(self) -> None:
        """Print what is new, until interrupted."""
        self.fetch()
        while True:
            time.sleep(LOOK_EVERY_SECONDS)
            for event in sorted(self.fetch(), key=lambda event: event["timestamp"]):
                print(line(event), flush=True)

    def fetch(self) -> list[dict[str, Any]]:
        """Read the groups that have grown; one cheap call tells which."""
        logs = self.stack.client("logs")
        pages = logs.get_paginator("describe_log_groups").paginate(
            logGroupNamePrefix="/aws/lambda/"
        )
        groups = {
            group["logGroupName"]: group["storedBytes"]
            for page in pages
            for group in page["logGroups"]
        }
        grown = [name for name, size in groups.items() if size != self.sizes.get(name)]
        self.sizes = groups
        return [event for name in grown for event in self.fetch_group(logs, name)]

    def fetch_group(self, logs: Any, group: str) -> list[dict[str, Any]]:
        """Read a group's new lines; the emulator gives each invocation a stream of its own."""
        since = self.since.get(group, 0)
        events = lines_since(logs, group, since)
        fresh = [event for event in events if event["logStreamName"] not in self.streams]
        self.streams.update(event["logStreamName"] for event in fresh)
        self.since[group] = max([since, *(event["timestamp"] for event in fresh)])
        return [
            event | {"group": group} for event in fresh if not event["message"].startswith(NOISE)
        ]


def lines_since(logs: Any, group: str, since: int) -> list[dict[str, Any]]:
    """Read all that a group has since a time, in epoch milliseconds."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    while True:
        events = logs.filter_log_events(logGroupName=group, startTime=since)["events"]
        for each in events:
            found[each["timestamp"], each["logStreamName"], each["message"]] = each
        if len(events) < MOST_LINES or events[-1]["timestamp"] == since:
            return list(found.values())
        since = events[-1]["timestamp"]


def print_errors(stack: Stack) -> None:
    """Print what the functions have logged as an error, most recent last."""
    events = sorted(Follower(stack).fetch(), key=lambda event: event["timestamp"])
    lines = [line(event) for event in events if is_error(event["message"])]
    print("\nThe functions' errors:", *lines[-ERRORS_SHOWN:], sep="\n")


def is_error(message: str) -> bool:
    """Tell an error by its level; what is not JSON is the trace of a function that broke down."""
    try:
        return bool(json.loads(message)["level"] in {"ERROR", "CRITICAL"})
    except (ValueError, TypeError, KeyError):
        return True


def line(event: dict[str, Any]) -> str:
    """Write time, function, level, message and correlation id; what is not JSON, as it is."""
    clock = time.strftime("%H:%M:%S", time.localtime(event["timestamp"] / 1000))
    begin = f"{clock} {function_name(event['group']):<18}"
    try:
        entry = json.loads(event["message"])
        said = f"{begin} {entry['level']:<7} {entry['message']}"
    except (ValueError, TypeError, KeyError):
        return f"{begin} {event['message'].rstrip()}"
    exception = f"\n{entry['exception']}" if "exception" in entry else ""
    return f"{said}  {entry.get('correlation_id') or ''}".rstrip() + exception


def function_name(group: str) -> str:
    """Take the logical name out of /aws/lambda/<stack>-<Logical>Function-<suffix>."""
    matched = re.search(r"(\w+)Function-\w+$", group)
    return matched[1] if matched else group.rpartition("/")[2]
