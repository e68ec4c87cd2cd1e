"""A feed's snapshot: all of it, kept as it was read, seen to be whole before a product changes.

CSV and lines of JSON end with a line's end: nothing else says that they are whole.
"""

import itertools
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from batch_processing import files
from batch_processing.formats import converting, dialects, json_array, planning
from batch_processing.formats.dialects import HEADER_BYTES, Dialect
from batch_processing.formats.planning import Chunk, Place, Unplannable
from batch_processing.syncing import feed_rows
from batch_processing.syncing.feeds import FeedFailed
from interchange.store import Item

LARGEST = 268_435_456
LARGEST_ARRAY = 16_777_216  # of JSON in one array, which is read as one
MOST_ROWS = 1_000_000  # their digests are held in memory

_CHUNK = 262_144


def key(job: Item, name: str) -> str:
    """Name a file of a run's step; each attempt has its own, so the dead overwrite nothing."""
    return f"feeds/{job['job_id']}/{name}-{job['step']}-{job['attempts']}"


def take(bucket: str, job: Item, blocks: Iterator[bytes], *, format: str) -> Item:
    """Keep a feed; give where it is, and how its rows are to be read."""
    where = key(job, "feed")
    try:
        etag = _kept(files.Growing(bucket, where, "text/plain"), _plain(blocks, format))
        return _planned(bucket, {"key": where, "etag": etag}, format)
    except Unplannable as fault:
        raise FeedFailed(fault.code, fault.detail) from fault


def _kept(file: files.Growing, pieces: Iterator[bytes]) -> str:
    """Write all of it and give its ETag; what cannot be ended leaves nothing."""
    try:
        for each in pieces:
            file.write(each)
    except BaseException:
        file.abandon()
        raise
    return file.end()


def page(blocks: Iterator[bytes], *, format: str) -> tuple[bytes, Dialect]:
    """Read a page's rows and how they are written."""
    try:
        data = b"".join(_plain(_limited(blocks, LARGEST_ARRAY), format))
        dialect, place = _dialect(data[:HEADER_BYTES], format)
    except Unplannable as fault:
        raise FeedFailed(fault.code, fault.detail) from fault
    return data[place.offset :], dialect


def chunks(bucket: str, snapshot: Item, at: Item) -> Iterator[tuple[Chunk, bytes]]:
    """Give the snapshot's chunks from a place on, each with its rows."""
    dialect = dialects.of(snapshot["dialect"])
    if at["offset"] >= snapshot["bytes"]:
        return
    for chunk in _cut(bucket, snapshot, Place(**at), dialect):
        where = {"etag": snapshot["etag"], "start": chunk.start, "end": chunk.end}
        yield chunk, files.part(bucket, snapshot["key"], **where)


def _plain(blocks: Iterator[bytes], format: str) -> Iterator[bytes]:
    first = next(blocks, b"")
    found: Iterator[bytes] = itertools.chain([first], blocks)
    if converting.is_gzip(first):
        found = converting.gunzipped(found)
    return _lines(found) if format == "json" else _ended(_limited(found, LARGEST))


def _limited(blocks: Iterator[bytes], largest: int) -> Iterator[bytes]:
    size = 0
    for block in blocks:
        size += len(block)
        if size > largest:
            raise FeedFailed("feed_too_large", f"The feed has more than {largest} bytes.")
        yield block


def _ended(blocks: Iterator[bytes]) -> Iterator[bytes]:
    last = b"\n"
    for block in filter(None, blocks):
        last = block[-1:]
        yield block
    if last not in b"\r\n":
        detail = "The feed's last row has no line end: it may have been cut."
        raise FeedFailed("feed_truncated", detail, again=True)


def _lines(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Write an array's elements as lines."""
    text = b"".join(_limited(blocks, LARGEST_ARRAY))
    try:
        for each in json_array.elements(text.decode()):
            yield f"{each}\n".encode()
    except (ValueError, RecursionError):
        detail = "The feed is not a whole JSON array in UTF-8."
        raise FeedFailed("feed_malformed", detail, again=True) from None


def _planned(bucket: str, kept: Item, format: str) -> Item:
    size = files.size(bucket, kept["key"], etag=kept["etag"])
    first = _open(bucket, kept, 0).read(HEADER_BYTES) if size else b""
    dialect, place = _dialect(first, format)
    snapshot = kept | {"bytes": size, "dialect": dialect.as_item(), "at": asdict(place)}
    return snapshot | {"rows": _rows(bucket, snapshot, place, dialect)}


def _dialect(first: bytes, format: str) -> tuple[Dialect, Place]:
    """Read a feed's header: `deleted` may be missing, nothing else, in any order."""
    about: Any = {"format": "csv" if format == "csv" else "ndjson", "delimiter": None}
    try:
        return dialects.detect(first, columns=feed_rows.COLUMNS, **about)
    except Unplannable as fault:
        if fault.code != "header_mismatch":
            raise
        return dialects.detect(first, columns=feed_rows.REQUIRED, **about)


def _rows(bucket: str, snapshot: Item, place: Place, dialect: Dialect) -> int:
    """Read all of it once, for quotes that are never closed, and count the rows."""
    behind = place
    if place.offset < snapshot["bytes"]:
        for chunk in _cut(bucket, snapshot, place, dialect):
            behind = chunk.behind
    if behind.row - 1 > MOST_ROWS:
        raise FeedFailed("feed_too_large", f"The feed has more than {MOST_ROWS} rows.")
    return behind.row - 1


def _cut(bucket: str, kept: Item, place: Place, dialect: Dialect) -> Iterator[Chunk]:
    read = _open(bucket, kept, place.offset).read
    return planning.cut(read, place, size=_CHUNK, newline=dialect.end, quote=dialect.quote)


def _open(bucket: str, kept: Item, start: int) -> Any:
    return files.opened(bucket, kept["key"], etag=kept["etag"], start=start)
