"""`python -m benchmarks.exports`: an export's worker over a table of any size; no cloud.

HTTP is stubbed where botocore would send: pages as a scan gives them, with all the attributes that
it would read, and pieces that are counted and let go. What is measured is our own work, the SDK's,
and the memory that both take.
"""

import itertools
import json
import os
import resource
import sys
import time
import zlib
from collections import Counter
from collections.abc import Iterator
from typing import Any

from botocore.awsrequest import AWSResponse, HeadersDict

from batch_processing.exporting import exports, segments
from batch_processing.exporting.segment_reader import Reader
from interchange import aws, clock
from interchange.trace import Trace

SIZES = (10_000, 100_000, 1_000_000)
PAGE_ROWS = 2000  # as in the template
FILE_BYTES = 8_388_608
_AT = "2026-01-15T09:30:00.000Z"
_TRACE = Trace("bench", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")


class Stub:
    """Answers for DynamoDB and S3, and counts what is written."""

    def __init__(self, rows: int) -> None:
        self.rows, self.given = rows, 0
        self.written: Counter[str] = Counter()

    def answer(self, request: Any, **_: Any) -> AWSResponse:
        """Answer a request in the network's place."""
        operation = request.headers.get("X-Amz-Target", b"").decode().partition(".")[2]
        if request.method == "PUT":
            return _Answer(request.url, b"")
        return _Answer(request.url, self._page() if operation == "Scan" else b"{}")

    def _page(self) -> bytes:
        count = min(PAGE_ROWS, self.rows - self.given)
        items = [_item(number) for number in range(self.given, self.given + count)]
        self.given += count
        last = {} if self.given == self.rows else {"LastEvaluatedKey": {"id": items[-1]["id"]}}
        return json.dumps({"Items": items, "ScannedCount": count, **last}).encode()

    def count(self, params: Any, **_: Any) -> None:
        """Count a piece and its lines, before S3's client frames it."""
        data: bytes = params["Body"]
        lines = sum(block.count(b"\n") for block in _plain(data))
        self.written.update(pieces=1, bytes=len(data), lines=lines)


def _plain(data: bytes) -> Iterator[bytes]:
    """Unpack block by block, so that the memory measured is not this."""
    if data[:2] != b"\x1f\x8b":
        yield data
        return
    unpacker = zlib.decompressobj(31)
    while data:
        yield unpacker.decompress(data, 65_536)
        data = unpacker.unconsumed_tail


class _Answer(AWSResponse):
    def __init__(self, url: str, body: bytes) -> None:
        headers: Any = HeadersDict({"x-amzn-RequestId": "bench"})
        super().__init__(url, 200, headers, None)
        self._content = body


def _item(number: int) -> dict[str, dict[str, str]]:
    return {
        "id": {"S": f"usr_{number:032x}"},
        "email": {"S": f"user{number}@example.com"},
        "name": {"S": f"User Name {number}"},
    }


def export(rows: int, compression: str | None) -> tuple[float, Stub]:
    """Export a segment with so many users; give the seconds of CPU, and what was written."""
    asked = {"columns": ["id", "email", "name"], "format": "csv", "filter": {}}
    job = exports.new(
        "job_1",
        asked=asked | {"compression": compression},
        count=1,
        expected=rows,
        now=clock.parse(_AT),
        expires=1,
        trace=_TRACE,
    )
    stub = Stub(rows)
    hooks: dict[str, Any] = {
        "before-send": stub.answer,
        "provide-client-params.s3.PutObject": stub.count,
    }
    emitters: list[Any] = [client.meta.events for client in (aws.dynamodb(), aws.s3())]
    for emitter, (event, hook) in itertools.product(emitters, hooks.items()):
        emitter.register_first(event, hook)
    reader = Reader("exports", "bucket", "users", PAGE_ROWS, FILE_BYTES, is_late=lambda: False)
    before = time.process_time()
    found = reader.read(job, segments.of(job)[0])
    spent = time.process_time() - before
    for emitter, (event, hook) in itertools.product(emitters, hooks.items()):
        emitter.unregister(event, hook)
    if found is None or (found["rows"], stub.written["lines"]) != (rows, rows + 1):
        raise SystemExit(f"Of {rows} rows, {stub.written['lines'] - 1} were written.")
    return spent, stub


def lines() -> Iterator[str]:
    """Export ever larger tables in this one process: its peak memory must not follow."""
    yield from (
        "| rows | | pieces | MB written | rows/s of CPU | peak MB |",
        "|--:|---|--:|--:|--:|--:|",
    )
    for rows, compression in itertools.product(SIZES, (None, "gzip")):
        spent, stub = export(rows, compression)
        written, peak = stub.written, _peak()
        yield (
            f"| {rows:,} | {compression or 'plain'} | {written['pieces']} |"
            f" {written['bytes'] / 1e6:,.1f} | {rows / spent:,.0f} | {peak:,.0f} |"
        )


def _peak() -> float:
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, kilobytes here
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def main() -> None:
    """Stand where no cloud is: made-up credentials, and nothing is sent."""
    os.environ |= {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
    os.environ |= {"AWS_DEFAULT_REGION": "us-east-1"}
    for line in lines():
        print(line, flush=True)


if __name__ == "__main__":
    main()
