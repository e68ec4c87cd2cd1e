"""A request's story out of log lines: which lines are its, in what order, and how they read.

Every line has the time that its unit of work had taken by then; what caused another unit began
before it, whatever was written first. So units stand in the order of their beginnings.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from local.logs import function_name

# What a line may show: names and numbers of what happened, never what was sent.
_SHOWN = re.compile(
    r"id|.+_id|status|.+_status|method|route|made|type|source|topic|code|reason|why|error_class"
    r"|exception_name|attempt|millis|part|step|number|rows|chunks|segments|pieces|files|events"
    r"|endpoints|added|created|updated|unchanged|failed|unprocessed|seen|scanned|exported|changed"
)
_HIDDEN = frozenset({"correlation_id", "request_id", "message_id"})  # the head has them, or nobody
_LONGEST_VALUE = 80
_ID = re.compile(r"[A-Za-z0-9._:=+/@-]{1,128}")


@dataclass(frozen=True)
class Line:
    """What a function logged, and when the work that it logged it of had begun, in epoch ms."""

    entry: dict[str, Any]
    function: str
    at: int
    begun_at: int

    @property
    def correlation_id(self) -> str:
        """Name the story that the line is of, if any."""
        return str(self.entry.get("correlation_id") or "")


def is_id(text: str) -> bool:
    """Tell what can be an id, in whatever pattern, from what a search would trip over."""
    return bool(_ID.fullmatch(text))


def parse(message: str, *, group: str) -> Line | None:
    """Read a line of ours; None for the platform's own, for metrics, and for what is no JSON."""
    try:
        entry = json.loads(message)
        at = _millis(entry["timestamp"])
        function = function_name(entry.get("function") or group)
        return Line(entry | {"message": entry["message"]}, function, at, at - entry["elapsed_ms"])
    except (ValueError, TypeError, KeyError):
        return None


def _millis(timestamp: str) -> int:
    return round(datetime.fromisoformat(timestamp).timestamp() * 1000)


def names(line: Line, id: str) -> bool:
    """Tell whether one of the line's members is the id, whole."""
    return id in line.entry.values()


def ordered(lines: Iterable[Line]) -> list[Line]:
    """Put causes before effects."""
    return sorted(lines, key=lambda line: (line.begun_at, line.at))


def render(correlation_id: str, lines: Sequence[Line]) -> str:
    """Write a story: its head, and a row per line with the time since its start."""
    story = ordered(lines)
    start = story[0].begun_at
    moment = datetime.fromtimestamp(start / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
    took = max(each.at for each in story) - start
    functions = len({each.function for each in story})
    head = f"{correlation_id or 'without a correlation id'}  {moment} UTC"
    summed = f"{len(story)} lines of {functions} functions in {took} ms"
    return "\n".join([f"{head}  {summed}", _titles(), *(_row(each, start) for each in story)])


def _titles() -> str:
    return f"{'begun':>10} {'took':>9}  {'pattern':<18} {'function':<22} what"


def _row(line: Line, start: int) -> str:
    begun, took = f"{line.begun_at - start} ms", f"{line.at - line.begun_at} ms"
    entry = line.entry
    level = "" if entry["level"] == "INFO" else f"{entry['level']} "
    where = f"{entry.get('service', ''):<18} {line.function:<22}"
    said = f"{begun:>10} {took:>9}  {where} {level}{entry['message']}"
    return f"{said}  {_told(entry)}".rstrip()


def _told(entry: dict[str, Any]) -> str:
    told = {name: value for name, value in entry.items() if _is_shown(name, value)}
    return " ".join(f"{name}={str(value)[:_LONGEST_VALUE]}" for name, value in told.items())


def _is_shown(name: str, value: Any) -> bool:
    listed = _SHOWN.fullmatch(name) and name not in _HIDDEN
    return bool(listed) and isinstance(value, str | int | float)
