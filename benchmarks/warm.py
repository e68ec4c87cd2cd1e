"""Measure what a request costs once everything is loaded."""

import subprocess
from pathlib import Path

from benchmarks.bundles import Bundle
from benchmarks.dynamodb import FOUND, DynamoDB
from benchmarks.process import EVENT, PYTHON, environment
from benchmarks.runtime_api import BenchmarkError

_DRIVER = Path(__file__).with_name("drive_calls.py")
_NOWHERE = DynamoDB("http://127.0.0.1:9", None)  # nothing may connect


def call(bundle: Bundle, *, calls: int) -> float:
    """Give the CPU seconds of a call, in a new process."""
    arguments = [bundle.handler, EVENT.read_text(), FOUND.decode(), str(calls)]
    run = subprocess.run(
        [*PYTHON, _DRIVER, *arguments],
        env=environment(bundle, _NOWHERE),
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        raise BenchmarkError(f"{bundle.name}: {run.stderr.strip()}")
    return float(run.stdout)
