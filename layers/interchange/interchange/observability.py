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
_begun_at: list[int] = []  # when this unit of work began, in milliseconds


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
        # Of the whole stack, so that one alarm sees it; in this line, which a death after it keeps.
        counted = embedded({"ErrorLogged": "Count"}) | {"ErrorLogged": 1}
        _write("ERROR", message, keys | cause | counted)


logger = Logger()


def begin(**keys: Any) -> None:
    """Begin a unit of work: every line has these keys from here on, and none of the last unit's."""
    _keys.clear()
    _keys.update(keys)
    _begun_at[:] = [_now()]


def elapsed_ms() -> int:
    """Tell how long this unit of work has taken until now."""
    return _elapsed(_now())


def bind(**keys: Any) -> None:
    """Put more keys on the lines of this unit of work."""
    _keys.update(keys)


def count(name: str, value: float = 1) -> None:
    """Count something that happened; names are past tense in CamelCase: `TaskSucceeded`."""
    _counted[name] = _counted.get(name, 0) + value


def measure(name: str, value: float, unit: str, **dimensions: str) -> None:
    """Write one value by dimensions of its own, such as the type of what it is measured of."""
    line = {"service": _service(), **dimensions, name: value}
    _print(embedded({name: unit}, "service", *dimensions) | line)


def measure_stack(name: str, value: float, unit: str) -> None:
    """Write one value of the whole stack, without dimensions: an alarm watches one metric."""
    _print(embedded({name: unit}) | {name: value})


def flush() -> None:
    """Write what was counted in this invocation as one line; nothing counted, nothing written."""
    if not _counted:
        return
    units = dict.fromkeys(_counted, "Count")
    _print(embedded(units, "service") | {"service": _service(), **_counted})
    _counted.clear()


def embedded(units: dict[str, str], *dimensions: str) -> dict[str, Any]:
    """Have CloudWatch read members of a line as metrics, in the stack's own namespace."""
    directive = {
        "Namespace": os.environ.get("METRICS_NAMESPACE", "Interchange"),
        "Dimensions": [dimensions],
        "Metrics": [{"Name": name, "Unit": unit} for name, unit in units.items()],
    }
    return {"_aws": {"Timestamp": _now(), "CloudWatchMetrics": [directive]}}


def _write(level: str, message: str, keys: dict[str, Any]) -> None:
    now = _now()
    moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now // 1000))
    line = {
        "level": level,
        "message": message,
        "timestamp": f"{moment}.{now % 1000:03}Z",
        "service": _service(),
        "function": os.environ.get("AWS_LAMBDA_FUNCTION_NAME", ""),
        "elapsed_ms": _elapsed(now),
    }
    _print(line | _keys | keys)


def _elapsed(now: int) -> int:
    return max(0, now - _begun_at[0]) if _begun_at else 0


def _now() -> int:
    return time.time_ns() // 1_000_000


def _print(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line, default=str, separators=(",", ":")) + "\n")


def _service() -> str:
    """Name the pattern, as the template sets it."""
    return os.environ.get("SERVICE", "interchange")
