"""Plan a job's file: open it, make plain UTF-8 of it where need be, cut it into chunk rows.

A plan is what the job's row keeps of that: the plain file, its dialect, and how far the cutting has
come. Planning goes on from a plan anywhere, and the same file always gives the same chunks.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from itertools import batched
from typing import Any

from batch_processing import chunks, converting, dialects, files, jobs, options, planning
from batch_processing.dialects import HEADER_BYTES
from batch_processing.entities import ENTITIES
from batch_processing.planning import Chunk, Place, Unplannable
from interchange.store import Item

LARGEST_CHUNK = 1_048_576  # some 15,000 users: within a worker's time, and its memory
_CHUNKS = 1000  # in a large file: enough to spread, few enough to list
_ROWS = 100  # of chunks a transaction


class Planner:
    """Works on one job's plan."""

    def __init__(self, table: str, bucket: str, job: Item, *, smallest: int) -> None:
        self._table, self._bucket, self._job, self._smallest = table, bucket, job, smallest

    def plan(self, *, is_late: Callable[[], bool]) -> tuple[Item, bool]:
        """Give the plan, further than it was, and whether it is whole; Unplannable where not."""
        try:
            plan = self._job.get("plan") or self._begun()
            return plan, self._cut(plan, is_late)
        except files.Changed:
            detail = "Another file was put in the place of the first."
            raise Unplannable("file_changed", detail) from None

    def _begun(self) -> Item:
        asked, source = self._job["options"], self._plain()
        first = self._open(source, 0).read(HEADER_BYTES) if source["size"] else b""
        dialect, place = dialects.detect(
            first,
            format=self._job["format"],
            columns=ENTITIES[self._job["list_of"]].columns,
            delimiter=options.DELIMITERS.get(asked["delimiter"] or ""),
        )
        chunk_bytes = min(max(source["size"] // _CHUNKS, self._smallest), LARGEST_CHUNK)
        cutting = {"at": asdict(place), "chunks": 0, "chunk_bytes": chunk_bytes}
        return {**source, "dialect": dialect.as_item(), **cutting}

    def _plain(self) -> Item:
        """Give the file to cut: the upload itself where it is plain UTF-8, else what it becomes."""
        upload = {"key": jobs.upload_key(self._job["job_id"]), "etag": self._job["etag"]}
        first = self._open(upload, 0).read(HEADER_BYTES)
        is_gzip = converting.is_gzip(first)
        if is_gzip:
            first = converting.beginning(first, HEADER_BYTES)
        encoding = self._job["options"]["encoding"] or dialects.encoding(first)[0]
        if is_gzip or encoding != "utf-8":
            upload = self._converted(upload, encoding, is_gzip=is_gzip)
        size = files.size(self._bucket, upload["key"], etag=upload["etag"])
        compression = "gzip" if is_gzip else None
        return {**upload, "size": size, "compression": compression, "encoding": encoding}

    def _converted(self, upload: Item, encoding: str, *, is_gzip: bool) -> Item:
        found: Iterator[bytes] = converting.blocks(self._open(upload, 0).read)
        if is_gzip:
            found = converting.gunzipped(found)
        if encoding != "utf-8":
            found = converting.recoded(found, encoding)
        key = jobs.plain_key(self._job["job_id"])
        plain = files.Growing(self._bucket, key, "text/plain")
        return {"key": key, "etag": plain.write_all(found)}

    def _open(self, source: Item, start: int) -> Any:
        return files.opened(self._bucket, source["key"], etag=source["etag"], start=start)

    def _cut(self, plan: Item, is_late: Callable[[], bool]) -> bool:
        """Write chunk rows from where the plan is; tell whether the file's end is reached."""
        for batch in batched(self._chunks(plan), _ROWS, strict=False):
            chunks.add(self._table, self._job, plan["chunks"] + 1, batch)
            plan["chunks"] += len(batch)
            plan["at"] = asdict(batch[-1].behind)
            if is_late() and plan["at"]["offset"] < plan["size"]:
                return False
        return True

    def _chunks(self, plan: Item) -> Iterator[Chunk]:
        place, dialect = Place(**plan["at"]), dialects.of(plan["dialect"])
        if place.offset >= plan["size"]:
            return iter(())
        return planning.cut(
            self._open(plan, place.offset).read,
            place,
            size=plan["chunk_bytes"],
            newline=dialect.end,
            quote=dialect.quote,
        )
