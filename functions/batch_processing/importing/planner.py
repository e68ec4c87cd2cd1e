"""Plan a job's file: open it, make plain UTF-8 of it where need be, cut it into chunk rows.

A plan is what the job's row keeps of that: the plain file, its dialect, and how far the cutting has
come. Planning goes on from a plan anywhere, and the same file always gives the same chunks.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from itertools import batched
from typing import Any

from batch_processing import files, jobs, options
from batch_processing.entities import ENTITIES
from batch_processing.formats import converting, dialects, planning
from batch_processing.formats.dialects import HEADER_BYTES
from batch_processing.formats.planning import Chunk, Place, Unplannable
from batch_processing.importing import chunks, conversion
from batch_processing.importing.conversion import Conversion
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
            if "conversion" in plan:
                plan = self._converted(plan, is_late)
            if "conversion" in plan:
                return plan, False
            if "at" not in plan:
                plan = self._detected(plan)
            return plan, self._cut(plan, is_late)
        except files.Changed:
            detail = "Another file was put in the place of the first."
            raise Unplannable("file_changed", detail) from None

    def _begun(self) -> Item:
        """Tell how the upload is written; what is not plain UTF-8 is to be converted."""
        upload = {"key": jobs.upload_key(self._job["job_id"]), "etag": self._job["etag"]}
        first = self._open(upload, 0).read(HEADER_BYTES)
        is_gzip = converting.is_gzip(first)
        if is_gzip:
            first = converting.beginning(first, HEADER_BYTES)
        encoding = self._job["options"]["encoding"] or dialects.encoding(first)[0]
        told = {"compression": "gzip" if is_gzip else None, "encoding": encoding}
        if is_gzip or encoding != "utf-8":
            return told | {"conversion": conversion.begin(encoding, first)}
        return told | upload

    def _converted(self, plan: Item, is_late: Callable[[], bool]) -> Item:
        """Go on with the conversion; the plan names the plain file once it is there."""
        told = {name: plan[name] for name in ("compression", "encoding")}
        is_gzip = plan["compression"] is not None
        work = Conversion(self._bucket, self._job, plan["conversion"], is_gzip=is_gzip)
        etag = work.go_on(is_late=is_late)
        if etag is None:
            return told | {"conversion": work.progress()}
        return told | {"key": jobs.plain_key(self._job["job_id"]), "etag": etag}

    def _detected(self, plan: Item) -> Item:
        """Tell the plain file's dialect, and where to begin to cut."""
        size = files.size(self._bucket, plan["key"], etag=plan["etag"])
        dialect, place = dialects.detect(
            self._open(plan, 0).read(HEADER_BYTES),
            format=self._job["format"],
            columns=ENTITIES[self._job["list_of"]].columns,
            delimiter=options.DELIMITERS.get(self._job["options"]["delimiter"] or ""),
        )
        chunk_bytes = min(max(size // _CHUNKS, self._smallest), LARGEST_CHUNK)
        cutting = {"at": asdict(place), "chunks": 0, "chunk_bytes": chunk_bytes}
        return {**plan, "size": size, "dialect": dialect.as_item(), **cutting}

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
