"""Logs and metrics: a JSON line per unit of work, with the first request's correlation id.

Ours, not Powertools': the same lines for a tenth of its import (docs/decisions.md). Metrics are
printed in CloudWatch's embedded metric format, so counting costs no call.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
import os
import sys
import time
import traceback
from typing import Any

_keys: dict[str, Any] = {}
_counted: dict[str, float] = {}


class Logger:
    """Writes lines to standard output, which Lambda takes to CloudWatch Logs."""

    def info(self, message: str, **keys: Any) -> None:
        """Say that a unit of work is done."""
        _write("INFO", message, keys)

    def warning(self, message: str, **keys: Any) -> None:
        """Say that a caller did something wrong."""
        _write("WARNING", message, keys)

    def exception(self, message: str, **keys: Any) -> None:
        """Say that we did something wrong, and where."""
        error = sys.exc_info()[1]
        cause = {"exception_name": type(error).__name__, "exception": traceback.format_exc()}
        _write("ERROR", message, keys | cause)


logger = Logger()


def begin(**keys: Any) -> None:
    """Begin a unit of work: every line has these keys from here on, and none of the last unit's."""
    _keys.clear()
    _keys.update(keys)


def bind(**keys: Any) -> None:
    """Put more keys on the lines of this unit of work."""
    _keys.update(keys)


def count(name: str, value: float = 1) -> None:
    """Count something that happened; names are past tense in CamelCase: `TaskSucceeded`."""
    _counted[name] = _counted.get(name, 0) + value


def measure(name: str, value: float, unit: str, **dimensions: str) -> None:
    """Write one value by dimensions of its own, such as the type of what it is measured of."""
    directive = {
        "Namespace": "Interchange",
        "Dimensions": [["service", *dimensions]],
        "Metrics": [{"Name": name, "Unit": unit}],
    }
    envelope = {"Timestamp": time.time_ns() // 1_000_000, "CloudWatchMetrics": [directive]}
    _print({"_aws": envelope, "service": _service(), **dimensions, name: value})


def flush() -> None:
    """Write what was counted in this invocation as one line; nothing counted, nothing written."""
    if not _counted:
        return
    metrics = [{"Name": name, "Unit": "Count"} for name in _counted]
    directive = {"Namespace": "Interchange", "Dimensions": [["service"]], "Metrics": metrics}
    envelope = {"Timestamp": time.time_ns() // 1_000_000, "CloudWatchMetrics": [directive]}
    _print({"_aws": envelope, "service": _service(), **_counted})
    _counted.clear()


def _write(level: str, message: str, keys: dict[str, Any]) -> None:
    seconds, nanos = divmod(time.time_ns(), 1_000_000_000)
    moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    line = {
        "level": level,
        "message": message,
        "timestamp": f"{moment}.{nanos // 1_000_000:03}Z",
        "service": _service(),
    }
    _print(line | _keys | keys)


def _print(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line, default=str, separators=(",", ":")) + "\n")


def _service() -> str:
    """Name the pattern, as the template sets it."""
    return os.environ.get("SERVICE", "interchange")
