"""Make the plain file of an upload that is compressed or in another encoding than UTF-8.

It takes as many steps as it needs. Text goes on at any of its bytes; gzip can be read from its
beginning only, so a step unpacks anew what those before it did, and leaves it out: hence its bound.
"""

from collections.abc import Callable, Iterator

from batch_processing import files, jobs
from batch_processing.formats import converting
from batch_processing.formats.converting import Piece
from batch_processing.formats.planning import Unplannable
from interchange.store import Item


def begin(encoding: str, first: bytes) -> Item:
    """Say where a conversion begins."""
    return {"encoding": converting.byte_order(encoding, first), "offset": 0, "file": {}}


class Conversion:
    """Converts one job's upload; stops, and is gone on with, behind any piece."""

    def __init__(self, bucket: str, job: Item, begun: Item, *, is_gzip: bool) -> None:
        self._bucket, self._job, self._is_gzip = bucket, job, is_gzip
        self._encoding, self._offset = begun["encoding"], begun["offset"]
        key = jobs.plain_key(job["job_id"])
        self._file = files.Growing(bucket, key, "text/plain", begun["file"])

    def go_on(self, *, is_late: Callable[[], bool]) -> str | None:
        """Write until all is there, and give the file's ETag; None where time ran out."""
        try:
            for number, piece in enumerate(self._pieces()):
                if number and is_late():
                    return None
                self._file.write(piece.data)
                self._offset = piece.behind
        except Unplannable:
            self._file.abandon()
            raise
        return self._file.end()

    def progress(self) -> Item:
        """Say what the next process needs to go on."""
        kept = self._file.kept(jobs.held_key(self._job))
        return {"encoding": self._encoding, "offset": self._offset, "file": kept}

    def _pieces(self) -> Iterator[Piece]:
        key, etag = jobs.upload_key(self._job["job_id"]), self._job["etag"]
        start = 0 if self._is_gzip else self._offset
        found = converting.blocks(files.opened(self._bucket, key, etag=etag, start=start).read)
        if self._is_gzip:
            found = converting.after(converting.gunzipped(found), self._offset)
        return converting.recoded(found, self._encoding, offset=self._offset)
