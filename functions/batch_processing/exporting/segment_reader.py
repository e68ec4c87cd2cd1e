"""Read a segment of the users table, page by page, into files of what is wanted of it."""

from collections.abc import Callable
from dataclasses import dataclass

from batch_processing import files
from batch_processing.exporting import exports, segments, selection
from batch_processing.exporting.segments import Read
from batch_processing.exporting.sheets import Sheet
from interchange import store
from interchange.store import Item


@dataclass(frozen=True)
class Reader:
    """Reads in memory that does not grow with the table: a page and a file at a time."""

    exports_table: str
    exports_bucket: str
    users_table: str
    page_rows: int
    file_bytes: int
    is_late: Callable[[], bool]

    def read(self, job: Item, segment: Item) -> Item | None:
        """Go on until the segment ends or the time does; None where another has the segment."""
        while True:
            read = self._file(job, segment)
            then: segments.Then = "done" if read.after is None else "on"
            if then == "on" and self.is_late():
                then = "next_step"
            committed = segments.commit(self.exports_table, segment, read, then=then)
            if committed is None and read.object is not None:
                files.delete(self.exports_bucket, read.object)
            if committed is None or then != "on":
                return committed
            segment = committed

    def _file(self, job: Item, segment: Item) -> Read:
        """Read from where the segment is, at least a page, until a file is full."""
        asked, after, rows, exported = job["options"], segment["after"], 0, 0
        sheet = Sheet(asked, has_header=segment["number"] == 0 and segment["files"] == 0)
        while True:
            page = self._page(job, segment, after)
            chosen = [each for each in page.items if selection.is_chosen(each, asked["filter"])]
            sheet.write(chosen)
            after, rows, exported = page.last_key, rows + len(page.items), exported + len(chosen)
            if after is None or sheet.size >= self.file_bytes or self.is_late():
                return self._kept(job, segment, sheet, Read(after, rows, exported, None, 0))

    def _page(self, job: Item, segment: Item, after: Item | None) -> store.Page:
        return store.scan_segment(
            self.users_table,
            segment["number"],
            job["segments"],
            names=selection.attributes(job["options"]),
            size=self.page_rows,
            after=after,
        )

    def _kept(self, job: Item, segment: Item, sheet: Sheet, read: Read) -> Read:
        data = sheet.end()
        if not data:
            return read
        name = exports.parts_folder(job["job_id"]) + segments.object_name(segment)
        files.put(self.exports_bucket, name, data)
        return read._replace(object=name, bytes=len(data))
