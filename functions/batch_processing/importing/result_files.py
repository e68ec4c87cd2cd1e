"""Put an import's result files together from its chunks' parts, and count its rows.

Where a row found a later one in its place and took it (row_writer.py), the later one's chunk may
have counted it as a success: here it becomes a failure, in the files and in the counts.
"""

from collections import Counter
from collections.abc import Callable

from batch_processing import files, jobs
from batch_processing.entities import ENTITIES
from batch_processing.formats import dialects, rows
from batch_processing.importing import chunks, left_rows, results
from batch_processing.importing.results import Record
from batch_processing.importing.verdicts import refuse_duplicate
from interchange import store
from interchange.store import Item


class Gatherer:
    """Goes through a job's chunks once for each file; stops, and is gone on with, anywhere.

    After so many tries as the patience is, an upload that cannot be read is taken for lost.
    """

    def __init__(
        self, table: str, bucket: str, job: Item, *, patience: int, is_late: Callable[[], bool]
    ) -> None:
        self._table, self._bucket, self._job, self._is_late = table, bucket, job, is_late
        self._dialect = dialects.of(job["plan"]["dialect"])
        self._patience = patience
        begun: Item = job.get("finish") or {}
        self._kind = begun.get("kind", 0)
        self._next = begun.get("next", 1)
        self._file: Item = begun.get("file", {})
        self._counts: Counter[str] = Counter(begun.get("counts", {}))
        displaced = jobs.parts(table, job["job_id"], "displaced")
        self._has_displaced = next(displaced, None) is not None

    def gather(self) -> Item | None:
        """Write files until all are there, and give the totals; None where time ran out."""
        while self._kind < len(jobs.RESULTS):
            if not self._write(jobs.RESULTS[self._kind]):
                return None
            self._kind, self._next, self._file = self._kind + 1, 1, {}
        return jobs.counts(**self._counts)

    def progress(self) -> Item:
        """Say what the next process needs to go on."""
        counted = dict(self._counts)
        return {"kind": self._kind, "next": self._next, "file": self._file, "counts": counted}

    def error(self) -> Item | None:
        """Say that rows were left with no word of what they said; None where none was."""
        if not self._counts["lost"]:
            return None
        detail = f"The file was replaced or is gone: {self._counts['lost']} rows of it are lost."
        return {"code": "file_changed", "detail": detail}

    def _write(self, kind: str) -> bool:
        media = results.media(self._dialect)
        file = files.Growing(self._bucket, jobs.result_key(self._job, kind), media, self._file)
        if self._next == 1:
            file.write(results.header(kind, self._dialect))
        for chunk in self._chunks():
            file.write(self._part(chunk, kind))
            self._next = chunks.index_of(chunk) + 1
            if self._is_late():
                self._file = file.kept(jobs.held_key(self._job))
                return False
        file.end()
        return True

    def _chunks(self) -> list[Item]:
        found = jobs.parts(self._table, self._job["job_id"], "chunk")
        return [each for each in found if chunks.index_of(each) >= self._next]

    def _part(self, chunk: Item, kind: str) -> bytes:
        """Give a chunk's rows for a file; counts them with the first file that has them."""
        if chunk["status"] != "done":
            return self._unprocessed(chunk) if kind == "unprocessed" else b""
        if kind == "unprocessed":
            return b""
        if kind == "succeeded":
            self._counts.update({name: n for name, n in chunk["counts"].items() if name != "total"})
        displaced = self._displaced(chunk)
        if not displaced:
            return files.whole(self._bucket, chunk[kind]) if chunk[kind] else b""
        return self._without(chunk, displaced, kind)

    def _displaced(self, chunk: Item) -> set[int]:
        if not self._has_displaced:
            return set()
        first = chunk["first_row"]
        values = {"job_id": self._job["job_id"], "first": f"displaced#{first:012}"}
        values["last"] = f"displaced#{first + chunk['rows'] - 1:012}"
        where = "#job_id = :job_id AND #part BETWEEN :first AND :last"
        return {each["row"] for each in store.query(self._table, where, values)}

    def _without(self, chunk: Item, displaced: set[int], kind: str) -> bytes:
        """Move the rows that have lost their places from the successes to the failures."""
        succeeded = self._records(chunk, "succeeded")
        moved = [each for each in succeeded if each["_row"] in displaced]
        if kind == "succeeded":
            for each in moved:
                self._counts.update({each["_status"]: -1, "failed": 1})
            self._show(chunk, moved)
            kept = [each for each in succeeded if each["_row"] not in displaced]
            return results.render(kept, kind, self._dialect)
        failed = self._records(chunk, "failed")
        failed += [results.failed(self._duplicate(each)) for each in moved]
        failed.sort(key=lambda each: int(each["_row"]))
        return results.render(failed, kind, self._dialect)

    def _records(self, chunk: Item, kind: str) -> list[Record]:
        data = files.whole(self._bucket, chunk[kind]) if chunk[kind] else b""
        return results.parse(data, kind, self._dialect)

    def _duplicate(self, record: Record) -> rows.Row:
        fields = {name: each for name, each in record.items() if name not in dialects.NOTES}
        row = rows.Row(record["_row"], record["_line"], "", fields)
        refuse_duplicate(row, ENTITIES[self._job["list_of"]])
        return row

    def _show(self, chunk: Item, moved: list[Record]) -> None:
        """Have the chunk's first errors, which callers see, say the same; twice is as good."""
        if not moved:
            return
        lost = {each["_row"] for each in moved}
        shown = [e for e in chunks.errors_of(self._table, chunk) if e["row"] not in lost]
        shown += [error for each in moved for error in self._duplicate(each).errors]
        shown.sort(key=lambda each: each["row"])
        store.transact([chunks.errors_write(self._table, chunk, shown)])

    def _unprocessed(self, chunk: Item) -> bytes:
        found = left_rows.read(self._bucket, self._job, chunk, patience=self._patience)
        if found is None:
            found = left_rows.lost(chunk)
            self._counts["lost"] += len(found)
        self._counts["unprocessed"] += len(found)
        return results.render(found, "unprocessed", self._dialect)
