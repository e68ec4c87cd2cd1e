"""`python -m local.env_file`: let `sam local invoke` use the running stack's tables and queues.

docs/operations.md has the commands.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from local.cloud import STATE, LocalCloudError
from local.stack import Stack, running

FILE = STATE / "env.json"
HOST_OF_CONTAINERS = "host.docker.internal"


def main() -> int:
    """Write the file, or say that nothing is running."""
    try:
        write(running())
    except LocalCloudError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def write(stack: Stack, file: Path = FILE) -> None:
    """Write SAM's file of variables that hold for every function."""
    pages = stack.client("lambda").get_paginator("list_functions").paginate()
    functions = [each for page in pages for each in page["Functions"]]
    variables = shared(each.get("Environment", {}).get("Variables", {}) for each in functions)
    endpoint = {"AWS_ENDPOINT_URL": f"http://{HOST_OF_CONTAINERS}:{stack.cloud.port}"}
    file.write_text(json.dumps({"Parameters": variables | endpoint}, indent=2) + "\n", "utf-8")


def shared(environments: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Give the variables that have one value wherever they occur; the template has the others."""
    values = defaultdict(set)
    for environment in environments:
        for name, value in environment.items():
            values[name].add(value)
    return {name: found.pop() for name, found in sorted(values.items()) if len(found) == 1}


if __name__ == "__main__":
    sys.exit(main())
