"""Write a chunk's records, 100 a request, and tell what became of each row.

A transaction is the one batched write that has a condition for each row, says which failed and
shows what was there (BatchWriteItem has no conditions, PartiQL's batch shows nothing).
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html

What a row meets decides what becomes of it (verdicts.py). One that finds a later row of its file in
its place takes it, and notes that it did: that row's chunk may have been committed long ago
(result_files.py).
"""

import random
import time
from collections.abc import Iterator

from botocore.exceptions import ClientError

from batch_processing import jobs
from batch_processing.entities.entity import Entity
from batch_processing.formats.rows import Row
from batch_processing.importing.ledger import Ledger
from batch_processing.importing.verdicts import Claim, Judge, Settled
from interchange import refusals, store
from interchange.records import Retry
from interchange.store import Item, Write

_WRITES = 100  # of TransactWriteItems
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 2.0  # seconds


class Writer:
    """Settles a chunk's rows; safe to repeat whole after a death at any point."""

    def __init__(
        self, entity: Entity, job: Item, book: Ledger, *, table: str, deadline: float
    ) -> None:
        self._entity, self._job, self._book = entity, job, book
        self._table, self._deadline = table, deadline
        self._judge = Judge(entity, job)

    def settle(self, rows: list[Row]) -> list[Settled]:
        """Write each sound row's record; give every row with what became of it, in order."""
        first: dict[str, Row] = {}
        later: list[tuple[str, Row]] = []
        found: dict[int, Settled] = {}
        for row in rows:
            if row.record is None:
                found[row.number] = Settled(row, "failed")
                continue
            id = self._entity.identify(row.record)
            if first.setdefault(id, row) is not row:
                later.append((id, row))
        found |= {each.row.number: each for each in self._claimed(first)}
        for id, row in later:
            found[row.number] = self._judge.repeated(row, first[id])
        return [found[row.number] for row in rows]

    def _claimed(self, first: dict[str, Row]) -> Iterator[Settled]:
        there = self._book.met(first)
        waiting = []
        for id, row in first.items():
            claim = Claim(row, id, there.get(id))
            verdict = self._judge.verdict(claim)
            if verdict:
                yield verdict
            else:
                waiting.append(claim)
        attempt = 0
        while waiting:
            batch = self._batch(waiting)
            settled, busy = self._write(batch)
            yield from settled
            done = {each.row.number for each in settled}
            left = [each for each in batch if each.row.number not in done]
            waiting = left + waiting[len(batch) :]
            attempt = self._pause(attempt) if busy else 0

    def _batch(self, waiting: list[Claim]) -> list[Claim]:
        """Take as many claims as one request has room for."""
        batch: list[Claim] = []
        room = _WRITES
        for claim in waiting:
            claim.writes = claim.writes or self._writes(claim)
            room -= len(claim.writes)
            if room < 0:
                break
            batch.append(claim)
        return batch

    def _writes(self, claim: Claim) -> list[Write]:
        write = self._book.write(claim.row, claim.id, claim.there)
        place = self._judge.place(claim.there)
        return [write] if place is None else [write, self._displacing(place)]

    def _displacing(self, number: int) -> Write:
        """Note which row has lost its place: its chunk may have counted it."""
        row = jobs.key(self._job["job_id"], f"displaced#{number:012}") | {"kind": "displaced"}
        row |= {"row": number, "expires_epoch": self._job["expires_epoch"], "version": 1}
        anew = "attribute_not_exists(#part) OR #row = :row"
        return store.putting(self._table, row, when=anew, values={"row": number})

    def _write(self, batch: list[Claim]) -> tuple[list[Settled], bool]:
        """Write all or none; of none, give those that are settled by what they met."""
        try:
            store.transact([write for claim in batch for write in claim.writes])
        except store.TransactionRefused as refusal:
            return self._met(batch, refusal.writes)
        except ClientError as error:
            if not refusals.is_busy(error):
                raise
            return [], True
        return [self._judge.made(claim) for claim in batch], False

    def _met(self, batch: list[Claim], refused: list[store.Refused]) -> tuple[list[Settled], bool]:
        settled, at = [], 0
        for claim in batch:
            own, at = refused[at], at + len(claim.writes)
            if own.failed:
                claim.there, claim.writes = own.item or None, []
                if verdict := self._judge.verdict(claim):
                    settled.append(verdict)
        return settled, not any(each.failed for each in refused)

    def _pause(self, attempt: int) -> int:
        """Back off with full jitter; Retry where the time that is left would not do."""
        longest = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**attempt)
        pause = random.uniform(0, longest)  # noqa: S311 - spreads, guards nothing
        if time.monotonic() + pause >= self._deadline:
            raise Retry("the table is busy, or others write the same rows")
        time.sleep(pause)
        return attempt + 1
