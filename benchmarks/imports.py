"""`python -m benchmarks.imports`: the import's planner and worker beside the usual way; no cloud.

CPU time, interleaved rounds, medians. HTTP is stubbed where botocore would send: what is measured
is our own work and the SDK's.
"""

import csv
import io
import os
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

from batch_processing.entities import ENTITIES
from batch_processing.formats import planning, rows
from batch_processing.formats.dialects import Dialect
from batch_processing.formats.planning import Place
from batch_processing.importing import ledger, results
from batch_processing.importing.row_writer import Writer
from benchmarks.drive_calls import stub_http
from interchange import aws
from interchange.new_user import NewUser
from interchange.store import Item

ROUNDS = 7
ROWS = 5_000
_HEADER = "email,name\n"
_DIALECT = Dialect("csv", ["email", "name"])
_CHUNKS = {"32 KB": 32_768, "1 MB": 1_048_576}
_JOB: Item = {
    "job_id": "job_1",
    "options": {"mode": "create", "notify": False},
    "correlation_id": "bench",
    "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "expires_epoch": 1,
}


def plain(count: int) -> str:
    """Write rows without quotes."""
    return "".join(f"user{number}@example.com,User Name {number}\n" for number in range(count))


def quoted(count: int) -> str:
    """Write rows whose fields are all quoted, with quotes inside."""
    return "".join(
        f'"user{number}@example.com","User ""{number}"" Name"\n' for number in range(count)
    )


def planner(text: str, size: int) -> Callable[[], float]:
    """Make a run of the planner over a file; it gives megabytes a second of CPU."""
    data = text.encode()

    def run() -> float:
        before = time.process_time()
        for _ in planning.cut(io.BytesIO(data).read, Place(0, 1, 1), size=size):
            pass
        return len(data) / (time.process_time() - before) / 1e6

    return run


def naive(data: bytes) -> None:
    """Import as a tutorial does: every row a dict, a model, a put of the batch writer."""
    import boto3  # noqa: PLC0415 - the peer's, not ours

    users = boto3.resource("dynamodb").Table("users")
    with users.batch_writer() as batch:
        for row in csv.DictReader(io.StringIO(data.decode(), newline="")):
            user = NewUser.model_validate(row)
            batch.put_item(Item={"id": user.email.lower(), **user.model_dump()})


def ours(data: bytes) -> None:
    """Import as a worker does: strictly, on conditions, with what became of each row written."""
    entity = ENTITIES["users"]
    found = list(rows.read(data, _DIALECT, NewUser, first_row=1, first_line=2))
    book = ledger.Table(entity, _JOB, "users", now="2026-01-15T09:30:00.000Z")
    deadline = time.monotonic() + 60
    settled = Writer(entity, _JOB, book, table="imports", deadline=deadline).settle(found)
    records = (results.succeeded(each.row, each.status, each.id) for each in settled)
    results.render(records, "succeeded", _DIALECT)


def worker(act: Callable[[bytes], None], body: bytes) -> Callable[[], float]:
    """Make a run of an importer; it gives rows a second of CPU."""
    naive_header = _HEADER if act is naive else ""
    data = (naive_header + plain(ROWS)).encode()

    def run() -> float:
        stub_http(body)
        before = time.process_time()
        act(data)
        return ROWS / (time.process_time() - before)

    return run


def without_botocore(act: Callable[[], float]) -> Callable[[], float]:
    """Make the same run, in which no request is even built."""

    def run() -> float:
        client: Any = aws.dynamodb()
        kept = client.transact_write_items
        client.transact_write_items = lambda **_: {}
        try:
            return act()
        finally:
            client.transact_write_items = kept

    return run


def medians(runs: dict[str, Callable[[], float]]) -> dict[str, float]:
    """Run all in rounds, so that noise falls on all alike; the first only warms up."""
    found: dict[str, list[float]] = {name: [] for name in runs}
    for number in range(ROUNDS + 1):
        for name, run in runs.items():
            figure = run()
            if number:
                found[name].append(figure)
    return {name: statistics.median(each) for name, each in found.items()}


def lines() -> Iterator[str]:
    """Measure, and write the tables."""
    free, heavy = plain(1_500_000), quoted(1_000_000)
    plans = medians(
        {
            f"{kind}, chunks of {name}": planner(text, size)
            for kind, text in (("quote-free", free), ("quote-heavy", heavy))
            for name, size in _CHUNKS.items()
        }
    )
    yield from ("| planner | MB/s of CPU |", "|---|--:|")
    yield from (f"| {name} | {figure:,.0f} |" for name, figure in plans.items())
    ours_run = worker(ours, b"{}")
    runs = {
        "DictReader, pydantic, batch_writer": worker(naive, b'{"UnprocessedItems":{}}'),
        "our worker": ours_run,
        "our worker without botocore": without_botocore(ours_run),
    }
    found = medians(runs)
    base, own, bare = found.values()
    yield from ("", "| worker | rows/s of CPU | ratio |", "|---|--:|--:|")
    yield from (f"| {name} | {rate:,.0f} | {rate / base:.2f} |" for name, rate in found.items())
    yield f"\nOf our worker's CPU, botocore is {100 * (1 - own / bare):.0f} %."


def main() -> None:
    """Stand where no cloud is: made-up credentials, and nothing is sent."""
    os.environ |= {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
    os.environ |= {"AWS_DEFAULT_REGION": "us-east-1"}
    print(*lines(), sep="\n")


if __name__ == "__main__":
    main()
