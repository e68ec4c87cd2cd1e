"""Count what the read function opens, reads and imports: noise-free, so a test can hold it."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from benchmarks import bundles, dynamodb
from benchmarks.bundles import Bundle
from benchmarks.process import EVENT, PYTHON, environment
from benchmarks.runtime_api import BenchmarkError

_DRIVER = Path(__file__).with_name("drive_once.py")


@dataclass(frozen=True)
class Counts:
    """From Python's start to the first answer, without the runtime client."""

    files: int
    megabytes: float
    modules: int


def read_function() -> Counts:
    """Build the function and count; it needs no peer, no TLS and no network."""
    return of(bundles.subject())


def of(bundle: Bundle) -> Counts:
    """Count one bundle."""
    with dynamodb.over_http() as store:
        run = subprocess.run(
            [*PYTHON, _DRIVER, bundle.handler, EVENT],
            env=environment(bundle, store),
            capture_output=True,
            text=True,
            check=False,
        )
    if run.returncode:
        raise BenchmarkError(f"{bundle.name}: {run.stderr.strip()}")
    found = json.loads(run.stdout)
    return Counts(found["files"], found["bytes"] / 1e6, found["modules"])
