"""`python -m benchmarks`: measure the read function and its peers in one run; print the tables."""

import argparse
import sys
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import bundles, cold, counts, dynamodb, table, warm
from benchmarks.bundles import Bundle
from benchmarks.cold import Start
from benchmarks.dynamodb import DynamoDB
from benchmarks.runtime_api import BenchmarkError
from local.cloud import LocalCloudError

CALLS = 1000


@dataclass
class Measured:
    """A function's rounds."""

    bundle: Bundle
    starts: list[Start] = field(default_factory=list)
    calls: list[float] = field(default_factory=list)


def main() -> int:
    """Measure in rounds, so that noise falls on all alike."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    try:
        report(parser.parse_args().rounds)
    except (BenchmarkError, LocalCloudError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    return 0


def report(rounds: int) -> None:
    """Run everything and print what came out."""
    subject = bundles.subject()
    runtime = bundles.runtime()
    found = [Measured(each) for each in (subject, *bundles.peers())]
    with dynamodb.over_tls(bundles.usual_trust_store()) as store:
        for number in range(rounds + 1):
            print(f"\rRound {number} of {rounds}", end="", file=sys.stderr, flush=True)
            measure(found, runtime, store, keep=number > 0)
    print(file=sys.stderr)
    medians = {each.bundle.name: table.figures(each.starts, each.calls) for each in found}
    print(*table.lines(medians, counts.of(subject)), sep="\n")


def measure(found: list[Measured], runtime: Path, store: DynamoDB, *, keep: bool) -> None:
    """Start and call each function once; the first round only fills the file cache."""
    for each in found:
        start = cold.start(each.bundle, runtime, store)
        seconds = warm.call(each.bundle, calls=CALLS)
        if keep:
            each.starts.append(start)
            each.calls.append(seconds)


if __name__ == "__main__":
    sys.exit(main())
