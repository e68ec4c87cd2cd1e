"""`python -m benchmarks.tasks`: what a task costs our worker, and Powertools' utilities.

Claim, run, finish, with lease and fencing, HTTP stubbed below the SDK: CPU time of one message.
"""

import os
import subprocess
import sys
from pathlib import Path
from statistics import median

from benchmarks.runtime_api import BenchmarkError
from local.cloud import ROOT, STATE

TARGET = 0.40

_ROUNDS = 7
_COUNT = 2000
_HERE = Path(__file__).parent
PEER = STATE / "env/peers/bin/python"
_SETTINGS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_REGION": "us-east-1",
    "SERVICE": "message-queue",
    "POWERTOOLS_SERVICE_NAME": "message-queue",
    "TASKS_TABLE": "tasks",
    "STEERING_TABLE": "steering",
    "USERS_TABLE": "users",
    "SENDER_ADDRESS": "a@b.c",
    "EMAILS_PER_SECOND": "14",
    "ALLOW_LOCAL_TARGETS": "false",
    "LEASE_SECONDS": "60",
    "RETRY_BASE_SECONDS": "5",
    "RETENTION_DAYS": "30",
}


def main() -> int:
    """Take turns, round by round; print medians and the ratio."""
    for batch in (1, 10):
        ours: list[float] = []
        theirs: list[float] = []
        for _ in range(_ROUNDS):
            ours.append(run("interchange_task", batch))
            theirs.append(run("powertools_task", batch))
        ratio = median(ours) / median(theirs)
        figures = f"{1e6 * median(ours):,.0f} | {1e6 * median(theirs):,.0f} | {ratio:.2f}"
        print(f"| batch of {batch} | {figures} | {'met' if ratio <= TARGET else 'missed'} |")
    return 0


def run(module: str, batch: int, *, endpoint: str | None = None) -> float:
    """Give the CPU seconds of one message, in a new process with the peers' packages."""
    path = [ROOT / "functions", ROOT / "layers/interchange", _HERE, _HERE / "peers"]
    variables = _SETTINGS | {"PYTHONPATH": os.pathsep.join(map(str, path))}
    if endpoint is not None:
        variables["AWS_ENDPOINT_URL_DYNAMODB"] = endpoint
    command = [*map(str, (PEER, _HERE / "drive_tasks.py")), module, str(batch), str(_COUNT)]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchmarkError(f"{module}: {done.stderr.strip()}")
    return float(done.stdout)


if __name__ == "__main__":
    sys.exit(main())
