"""`python -m local.trace ID`: print the whole story of a request, across all patterns.

ID is a correlation id, as the header X-Correlation-Id of every answer has it, or any other id that
the logs name: a request's, a user's, an event's, a task's, a job's, a delivery's.
"""

import argparse
import sys
import time
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from local import timeline
from local.cloud import LocalCloudError
from local.deploy import STACK_NAME
from local.log_search import Logs, log_groups
from local.stack import running
from local.timeline import Line

HOURS = 24


def main() -> int:
    """Print the stories; what keeps them from being found is one line."""
    parser = argparse.ArgumentParser(prog="make trace", description=__doc__)
    parser.add_argument("id", metavar="ID", help="a correlation id, or any other that is logged")
    parser.add_argument("--stack", help="a stack in AWS; without, the one that `make run` keeps up")
    parser.add_argument("--hours", type=float, default=HOURS, help="how far back to look in AWS")
    arguments = parser.parse_args()
    try:
        print(told(arguments.id, logs(arguments.stack, arguments.hours)))
    except (LocalCloudError, ClientError, BotoCoreError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def logs(stack_name: str | None, hours: float) -> Logs:
    """Reach the logs of a stack in AWS, by the caller's own credentials, or of the running one."""
    client: Any = boto3.client if stack_name else running().client
    groups = log_groups(
        client("cloudformation"), client("lambda"), stack_name=stack_name or STACK_NAME
    )
    since = int((time.time() - hours * 3600) * 1000) if stack_name else 0
    return Logs(client("logs"), groups, since)


def told(id: str, where: Logs) -> str:
    """Write every story that the id is in; LocalCloudError where there is none."""
    if not timeline.is_id(id):
        raise LocalCloudError("Give an id as the logs have it: make trace ID=…")
    found = stories(id, where)
    if not found:
        raise LocalCloudError(f"No log line has the id {id}: another stack, or too long ago?")
    return "\n\n".join(timeline.render(each, lines) for each, lines in found.items())


def stories(id: str, where: Logs) -> dict[str, list[Line]]:
    """Find the stories by correlation id: that is what every line of one has in common."""
    naming = [line for line in where.lines(id) if timeline.names(line, id)]
    by_id = dict.fromkeys(line.correlation_id for line in timeline.ordered(naming))
    return {
        each: _whole(each, where) if each else [line for line in naming if not line.correlation_id]
        for each in by_id
    }


def _whole(correlation_id: str, where: Logs) -> list[Line]:
    return [line for line in where.lines(correlation_id) if line.correlation_id == correlation_id]


if __name__ == "__main__":
    sys.exit(main())
