"""Run SAM CLI from its own environment, one command at a time."""

import fcntl
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from local.cloud import ROOT, STATE, LocalCloudError

COMMAND = STATE / "env/sam/bin/sam"
LOG = STATE / "sam.log"
# The layers' makefiles need a Python that has pip, which virtual environments made by uv have not.
PYTHON = STATE / "env/uv/bin"


def run(arguments: list[str], environment: Mapping[str, str]) -> None:
    """Run a command quietly; should it fail, raise the line that says why."""
    settings = {
        **os.environ,
        "PATH": f"{PYTHON}{os.pathsep}{os.environ['PATH']}",
        "SAM_CLI_TELEMETRY": "0",
        "SAM_CLI_POLL_DELAY": "0.3",  # seconds between two looks at a deployment
        **environment,
    }
    settings.pop("MAKEFLAGS", None)  # they were meant for the make above us, not for the layers'
    result = subprocess.run(
        [COMMAND, *arguments], cwd=ROOT, env=settings, capture_output=True, text=True, check=False
    )
    LOG.write_text(result.stdout + result.stderr, encoding="utf-8")
    if result.returncode:
        why = reason(result.stdout + result.stderr)
        message = f"sam {arguments[0]} failed: {why} (all of its output: {LOG.relative_to(ROOT)})"
        raise LocalCloudError(message)


def reason(output: str) -> str:
    """Find the line of SAM's output that a person needs."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("Error:")]
    return (errors or lines or ["no output"])[-1]


@contextmanager
def exclusive() -> Iterator[None]:
    """Hold the build folder: the tests may deploy while a running cloud is redeployed."""
    STATE.mkdir(exist_ok=True)
    with (STATE / "build.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
