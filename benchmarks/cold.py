"""Start a function as Lambda does, and split its CPU time into initialisation and first answer."""

import json
import subprocess
import time
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from benchmarks import runtime_api
from benchmarks.bundles import FOLDER, Bundle
from benchmarks.dynamodb import PRODUCT_ID, DynamoDB
from benchmarks.process import EVENT, MEMORY_MB, PYTHON, environment
from benchmarks.runtime_api import BenchmarkError, Instance

# https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html: one vCPU at 1,769 MB.
_SHARE_OF_A_CPU = MEMORY_MB / 1769
LOG = FOLDER / "function.log"


@dataclass(frozen=True)
class Start:
    """Seconds: of CPU, user and system, and on the wall at full speed."""

    init_cpu: float
    first_cpu: float
    first_wall: float

    @property
    def cpu(self) -> float:
        """The whole cold start."""
        return self.init_cpu + self.first_cpu

    @property
    def first_at_512_mb(self) -> float:
        """Estimate the wall time where CPU is throttled: computing takes longer, waiting does not.

        An upper bound: Lambda lets a short burst through at full speed.
        """
        return self.first_wall + self.first_cpu * (1 / _SHARE_OF_A_CPU - 1)


def start(bundle: Bundle, runtime: Path, dynamodb: DynamoDB) -> Start:
    """Start the function under Lambda's runtime interface client and invoke it once."""
    with runtime_api.serving() as instance, LOG.open("wb") as log:
        variables = environment(
            bundle, dynamodb, [runtime], AWS_LAMBDA_RUNTIME_API=instance.address
        )
        process = subprocess.Popen(
            [*PYTHON, "-m", "awslambdaric", bundle.handler],
            cwd=bundle.path[0],
            env=variables,
            stdout=log,
            stderr=log,
        )
        try:
            return _measure(process.pid, instance)
        except BenchmarkError as error:
            raise BenchmarkError(f"{bundle.name}: {error} Its log: {LOG}") from error
        finally:
            process.kill()
            process.wait()


def _measure(pid: int, instance: Instance) -> Start:
    clock = ~pid << 3 | 2  # Linux's clock of another process's CPU time, clock_getcpuclockid(3)
    instance.wait_until_it_asks()
    ready = time.clock_gettime(clock)
    answer = instance.invoke(EVENT.read_bytes())
    instance.wait_until_it_asks()
    done = time.clock_gettime(clock)
    response = json.loads(answer.body)
    if response["statusCode"] != HTTPStatus.OK or json.loads(response["body"])["id"] != PRODUCT_ID:
        raise BenchmarkError(f"It answered {response}.")
    return Start(ready, done - ready, answer.seconds)
