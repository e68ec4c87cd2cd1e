"""`python -m benchmarks.latency`: how long an operation of each pattern takes, and what it uses.

One at a time, on an embedded cloud of its own: from the request to its answer, from the request to
its effect. Then what AWS would bill for, and all of it goes to measured.json, which
`python -m benchmarks.costs` computes with, and to the guide.
"""

import argparse
import os
import platform
import sys
import time
from datetime import UTC, datetime
from statistics import median, quantiles
from typing import Any

from benchmarks import guide, measured, operations, usage
from benchmarks.operations import Operation
from local.api import StoryError
from local.cloud import STATE, LocalCloudError, free_port
from local.up import deployed

WARM_UP = 5
ROUNDS = 3  # the operations take turns, so that noise falls on all alike
IMPORTED = 20  # rows; for the latency of an import
PATIENCE_SECONDS = 120
LOOK_EVERY_SECONDS = 0.002


def main() -> int:
    """Deploy, measure, write, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.latency", description=__doc__)
    parser.add_argument("--runs", type=int, default=20, help="of each operation in each round")
    runs = parser.parse_args().runs
    try:
        with (
            deployed(STATE / "bench/latency", free_port()) as stack,
            operations.on(stack) as found,
        ):
            document = described(runs) | {"latencies": latencies(found, runs)}
            document["usage"] = usage.of(stack, found)
    except (LocalCloudError, StoryError) as error:
        print(error, file=sys.stderr)
        return 1
    measured.write(document)
    guide.rewrite(document)
    print(guide.tables(document)["latency"])
    return 0


def described(runs: int) -> dict[str, Any]:
    """Say when, where and how."""
    return {
        "measured_at": f"{datetime.now(UTC):%Y-%m-%d}",
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, shared, "
        f"Python {platform.python_version()}",
        "command": f".venv/bin/python -m benchmarks.latency --runs {runs}",
    }


def latencies(found: list[Operation], runs: int) -> dict[str, Any]:
    """Take the operations in turn, round by round; the first ones only warm up."""
    times: dict[str, list[tuple[float, float]]] = {each.name: [] for each in found}
    for each in found:
        for _ in range(WARM_UP):
            timed(each)
    for _ in range(ROUNDS):
        for each in found:
            times[each.name] += [timed(each) for _ in range(runs)]
    return {each.name: figures(each, times[each.name]) for each in found}


def timed(operation: Operation) -> tuple[float, float]:
    """Give the seconds from the request to its answer, and to its effect."""
    start = time.perf_counter()
    seen = operation.begin(IMPORTED)
    answered = time.perf_counter() - start
    while not seen():
        if time.perf_counter() - start > PATIENCE_SECONDS:
            raise StoryError(f"{operation.name}: no effect; see the emulator's log.")
        time.sleep(LOOK_EVERY_SECONDS)
    return answered, time.perf_counter() - start


def figures(operation: Operation, times: list[tuple[float, float]]) -> dict[str, Any]:
    """Take the medians and the ninety-ninth percentiles, in milliseconds."""
    answers, effects = zip(*times, strict=True)
    return {
        "effect": operation.effect,
        "runs": len(times),
        "answer": {"median_ms": middle(answers), "p99_ms": tail(answers)},
        "done": {"median_ms": middle(effects), "p99_ms": tail(effects)},
    }


def middle(seconds: tuple[float, ...]) -> float:
    """Give the median in milliseconds."""
    return round(1e3 * median(seconds), 1)


def tail(seconds: tuple[float, ...]) -> float:
    """Give the ninety-ninth percentile in milliseconds; of few, the largest."""
    return round(1e3 * quantiles(seconds, n=100, method="inclusive")[-1], 1)


if __name__ == "__main__":
    sys.exit(main())
