"""`python -m faults`: plant every fault in every pattern's way, and fail if anything is lost."""

import argparse
import sys
import time
from collections.abc import Sequence

from faults import matrix, table
from faults.account import Account
from faults.machine import Machine
from faults.pattern import Scene
from faults.patterns import PATTERNS
from faults.way import opened
from local import up
from local.api import Api, StoryError
from local.cloud import LocalCloudError, free_port
from tests.e2e.faults import FOLDER
from tests.receiver import Receiver

# One caller plays all the others, and looks at everything again and again.
UNTHROTTLED = {"RequestsPerSecond": "5000", "RequestBurst": "5000", "ImportsPerSecond": "100"}


def main() -> int:
    """Run the cells that were asked for; 1 if one of them does not hold."""
    parser = argparse.ArgumentParser(prog="python -m faults", description=__doc__)
    parser.add_argument("--only", default="", help="beginnings of patterns' and faults' names")
    parser.add_argument("--count", type=int, default=40, help="units of work in each cell")
    arguments = parser.parse_args()
    words = [each for each in arguments.only.split(",") if each]
    unknown = [each for each in words if not chosen([*PATTERNS, *matrix.NAMES], [each])]
    if unknown:
        print("Choose from:", *PATTERNS, *matrix.NAMES, file=sys.stderr)
        return 1
    try:
        accounts = run(words, arguments.count)
    except (LocalCloudError, StoryError) as error:
        print(error, file=sys.stderr)
        return 1
    return 1 if any(each.failures() for each in accounts) else 0


def chosen(names: Sequence[str], words: Sequence[str]) -> list[str]:
    """Give the names that begin with one of the words."""
    return [name for name in names if any(name.startswith(each) for each in words)]


def run(words: Sequence[str], count: int) -> list[Account]:
    """Bring a stack of its own up, run the cells, print what was counted."""
    faults = chosen(matrix.NAMES, words) or list(matrix.NAMES)
    started, accounts = time.monotonic(), []
    with Machine(FOLDER, free_port()) as machine, Receiver() as receiver:
        stack = up.install(machine.cloud, overrides=UNTHROTTLED)
        scene = Scene(stack, Api(stack.base_url, stack.api_key), receiver)
        names = chosen(list(PATTERNS), words) or list(PATTERNS)
        patterns = [PATTERNS[each](scene) for each in names]
        with opened(scene, patterns) as way:
            for each in matrix.columns(way, patterns, faults, count=count, machine=machine):
                accounts.append(each)
                print(f"{time.monotonic() - started:5.0f} s  {table.line(each)}", flush=True)
    accounts.sort(key=lambda each: (names.index(each.pattern), faults.index(each.fault)))
    print("", *table.lines(accounts), sep="\n")
    return accounts


if __name__ == "__main__":
    sys.exit(main())
