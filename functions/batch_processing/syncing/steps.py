"""The pieces of work of a run: a snapshot, its tombstones, its rows, a survey, deletes; or pages.

Each goes on from where the run's row says that the last batch ended, and hands over before its
time is up.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import batched
from typing import Any

from batch_processing import files
from batch_processing.formats import dialects
from batch_processing.syncing import (
    catalogue,
    feed_rows,
    fetching,
    leftovers,
    pages,
    runs,
    snapshots,
    turns,
)
from batch_processing.syncing.catalogue import Place, Work
from batch_processing.syncing.feed_rows import FeedRow
from batch_processing.syncing.feeds import Feed, FeedFailed
from batch_processing.syncing.tombstones import Tombstones
from interchange import clock, store
from interchange.observability import count, logger
from interchange.store import Item


@dataclass(frozen=True)
class Means:
    """What a step works with; `left` gives the seconds that it has."""

    syncs_table: str
    products_table: str
    bucket: str
    shrink_limit: int
    allow_local: bool
    seconds: float
    left: Callable[[], float]


class Step:
    """One step of a run, claimed."""

    def __init__(self, means: Means, feed: Feed, job: Item) -> None:
        self._means, self._feed, self._job = means, feed, job
        self._place = Place(means.syncs_table, means.products_table, job)

    def take(self) -> None:
        """Do what the run's phase asks for; FeedFailed, Retry or Lost where that cannot be."""
        phases = {"snapshot": self._snapshot, "rows": self._rows, "pages": self._pages}
        phases |= {"tombstones": self._tombstones}
        phases |= {"survey": self._survey, "deletes": self._deletes}
        phases[self._job["phase"]]()

    def _is_late(self) -> bool:
        return self._means.left() < self._means.seconds / 2

    def _snapshot(self) -> None:
        """Keep all of the feed; unless it is the one that is known, or has lost too much."""
        known, bucket = self._job["known"], self._means.bucket
        try:
            with self._opened(known) as answer:
                kept = snapshots.take(bucket, self._job, answer.blocks, format=self._feed.format)
        except fetching.NotModified:
            self._end("completed", known, not_modified=True)
            return
        before = known.get("rows", 0)
        self._refuse_shrunk(before - kept["rows"], before)
        progress = {"snapshot": kept, "validators": answer.known, "at": kept["at"], "seen": []}
        self._hand_over(phase="tombstones", status="running", **progress)

    def _opened(self, known: Item, url: str | None = None) -> fetching.Opened:
        means = self._means
        return fetching.opened(
            self._feed, known, allow_local=means.allow_local, timeout=means.left(), url=url
        )

    def _tombstones(self) -> None:
        """Find what the snapshot says is gone, before an older row of it is written."""
        gone, snapshot = self._gone(), self._job["snapshot"]
        dialect = dialects.of(snapshot["dialect"])
        for chunk, data in snapshots.chunks(self._means.bucket, snapshot, self._job["at"]):
            gone.look(data, dialect)
            if self._is_late():
                self._hand_over(at=asdict(chunk.behind), tombstones=self._kept(gone))
                return
        self._hand_over(phase="rows", at=snapshot["at"], tombstones=self._kept(gone))

    def _gone(self) -> Tombstones:
        name = self._job.get("tombstones")
        return Tombstones(files.whole(self._means.bucket, name) if name else b"")

    def _kept(self, gone: Tombstones) -> str:
        name = snapshots.key(self._job, "tombstones")
        files.put(self._means.bucket, name, gone.kept())
        return name

    def _rows(self) -> None:
        """Write the snapshot's rows, and note which ids it has."""
        ids, place, gone = bytearray(), self._job["at"], self._gone()
        for chunk, data in snapshots.chunks(self._means.bucket, self._job["snapshot"], place):
            place = {"offset": chunk.start, "row": chunk.first_row, "line": chunk.first_line}
            for batch in catalogue.batches(self._unwritten(data, chunk.first_row, ids, gone)):
                self._write(batch)
                if self._is_late():
                    self._hand_over(at=place, **self._noted(ids))
                    return
        self._hand_over(phase="survey", status="finishing", **self._noted(ids))

    def _unwritten(
        self, data: bytes, first_row: int, ids: bytearray, gone: Tombstones
    ) -> Iterator[FeedRow]:
        """Give the rows that no step has written; of all, note the ids."""
        dialect, written = dialects.of(self._job["snapshot"]["dialect"]), self._job["next_row"]
        for row in feed_rows.read(data, dialect, first_row=first_row):
            if row.id is None:
                self._job["unidentified"] = True
            else:
                ids += leftovers.digest(row.id)
            row.is_outdated = gone.outdate(row)
            if row.number >= written:
                yield row

    def _noted(self, ids: bytearray) -> Item:
        name = snapshots.key(self._job, "seen")
        files.put(self._means.bucket, name, bytes(ids))
        seen = [*self._job["seen"], name]
        return {"seen": seen, "unidentified": self._job.get("unidentified", False)}

    def _write(self, batch: list[FeedRow], **position: Item) -> None:
        behind = batch[-1].number + 1
        catalogue.write(self._place, batch, now=clock.now(), next_row=behind, **position)
        self._job["next_row"] = behind

    def _pages(self) -> None:
        """Write page after page; each asks for what is behind the last row that was written."""
        at = self._job.get("reached") or pages.first(self._job["known"])
        while rows := self._page(at):
            for batch in catalogue.batches(iter(rows)):
                at = pages.behind(batch, at)
                self._write(batch, reached=at)
            if self._is_late():
                self._hand_over()
                return
        self._end_pages(at)

    def _page(self, at: Item) -> list[FeedRow]:
        with self._opened({}, pages.url(self._feed.url, at)) as answer:
            data, dialect = snapshots.page(answer.blocks, format=self._feed.format)
        first = self._job["next_row"]
        return pages.checked(feed_rows.read(data, dialect, first_row=first), at)

    def _end_pages(self, at: Item) -> None:
        known, began = self._job["known"], clock.parse(self._job["created_at"])
        cursor = pages.cursor(at, known, began=began)
        self._end(self._status(), {} if cursor is None else {"cursor": cursor})

    def _survey(self) -> None:
        """Find what the feed has no longer; too much of that ends the run, and deletes nothing."""
        if self._job["unidentified"]:
            detail = "A row without an id may be any product: nothing was deleted."
            error = {"code": "rows_unidentified", "detail": detail}
            self._end("completed_with_errors", {}, error=error)
            return
        ids = leftovers.seen(self._means.bucket, self._job["seen"])
        survey = leftovers.Survey(self._means.products_table, ids, self._job)
        survey.look(self._is_late)
        gone = self._job.get("gone", []) + self._noted_gone(survey.found)
        if not survey.is_over:
            found = {"surveyed": survey.after, "owned": survey.owned, "missing": survey.missing}
            self._hand_over(gone=gone, **found)
            return
        self._refuse_shrunk(survey.missing, survey.owned)
        self._hand_over(phase="deletes", gone=gone, deleting={"file": 0, "next": 0})

    def _noted_gone(self, found: list[str]) -> list[str]:
        if not found:
            return []
        name = snapshots.key(self._job, "gone")
        files.put(self._means.bucket, name, "\n".join(found).encode())
        return [name]

    def _refuse_shrunk(self, missing: int, owned: int) -> None:
        limit = self._means.shrink_limit
        if self._job["options"]["allow_shrink"]:
            return
        if leftovers.is_too_much(missing, owned, limit):
            detail = f"The feed lacks {missing} of {owned} products, over {limit} percent."
            raise FeedFailed("feed_shrank", detail)

    def _deletes(self) -> None:
        """Delete what the survey has found."""
        at = self._job["deleting"]
        for file, name in list(enumerate(self._job["gone"]))[at["file"] :]:
            ids = files.whole(self._means.bucket, name).decode().split("\n")
            behind = at["next"] if file == at["file"] else 0
            for batch in batched(ids[behind:], catalogue.BATCH, strict=False):
                behind += len(batch)
                self._delete(batch, {"file": file, "next": behind})
                if self._is_late():
                    self._hand_over()
                    return
        failed = self._job["counts"]["failed"]
        rows = {"rows": self._job["snapshot"]["rows"]}
        # What had rows that failed is read again, changed or not.
        self._end(self._status(), rows | ({} if failed else self._job["validators"]))

    def _delete(self, ids: tuple[str, ...], deleting: Item) -> None:
        def work() -> Work:
            todo = Work(self._place, clock.now())
            for there in store.get_many(self._means.products_table, ids).values():
                if "feed_updated_at" in there:
                    todo.delete(there)
            return todo

        catalogue.carry_out(self._place, work, now=clock.now(), deleting=deleting)

    def _status(self) -> str:
        return "completed_with_errors" if self._job["counts"]["failed"] else "completed"

    def _hand_over(self, **progress: object) -> None:
        runs.hand_over(self._means.syncs_table, self._job, now=clock.now(), **progress)
        logger.info("Synchronisation goes on", phase=progress.get("phase", self._job["phase"]))

    def _end(self, status: str, learnt: Item, **about: Any) -> None:
        table, now = self._means.syncs_table, clock.now()
        turns.end(table, self._job, status, now=now, learnt=learnt, **about)
        count("SyncEnded")
        logger.info("Synchronisation ended", job_status=status, **self._job["counts"])
