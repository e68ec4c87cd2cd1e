"""Write a chunk's records, 100 a request, and tell what became of each row.

A transaction is the one batched write that has a condition for each row, says which failed and
shows what was there (BatchWriteItem has no conditions, PartiQL's batch shows nothing).
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html

The rule for a thing that comes twice: its first sound row in the file's order stands for it, the
others fail, whichever chunk ran first. A row that finds a later one in its place takes it, and
notes that it did: the other's chunk may have been committed long ago (result_files.py).
"""

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from botocore.exceptions import ClientError

from batch_processing import jobs, ledger
from batch_processing.entities.entity import Entity
from batch_processing.ledger import Ledger, There
from batch_processing.rows import Row
from interchange import refusals, store
from interchange.records import Retry
from interchange.store import Item, Write

_WRITES = 100  # of TransactWriteItems
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 2.0  # seconds


@dataclass(slots=True)
class Settled:
    """A row and what became of it; `id` is empty where it has failed."""

    row: Row
    status: str
    id: str = ""


@dataclass(slots=True)
class _Claim:
    """A row that is to stand for a thing, and what it has met so far."""

    row: Row
    id: str
    there: There
    writes: list[Write] = field(default_factory=list)


class Writer:
    """Settles a chunk's rows; safe to repeat whole after a death at any point."""

    def __init__(
        self, entity: Entity, job: Item, book: Ledger, *, table: str, deadline: float
    ) -> None:
        self._entity, self._job, self._book = entity, job, book
        self._table, self._deadline = table, deadline

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
            exists = any(each["code"] == self._entity.exists for each in first[id].errors)
            found[row.number] = self._exists(row) if exists else self._duplicate(row)
        return [found[row.number] for row in rows]

    def _claimed(self, first: dict[str, Row]) -> Iterator[Settled]:
        there = self._book.met(first)
        waiting = []
        for id, row in first.items():
            claim = _Claim(row, id, there.get(id))
            verdict = self._verdict(claim)
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

    def _batch(self, waiting: list[_Claim]) -> list[_Claim]:
        """Take as many claims as one request has room for."""
        batch: list[_Claim] = []
        room = _WRITES
        for claim in waiting:
            claim.writes = claim.writes or self._writes(claim)
            room -= len(claim.writes)
            if room < 0:
                break
            batch.append(claim)
        return batch

    def _writes(self, claim: _Claim) -> list[Write]:
        write = self._book.write(claim.row, claim.id, claim.there)
        if not self._is_ours(claim.there):
            return [write]
        return [write, self._displacing(claim.there or {})]

    def _displacing(self, there: Item) -> Write:
        """Note which row has lost its place: its chunk may have counted it."""
        number = there["import_row"]
        row = jobs.key(self._job["job_id"], f"displaced#{number:012}") | {"kind": "displaced"}
        row |= {"row": number, "expires_epoch": self._job["expires_epoch"], "version": 1}
        anew = "attribute_not_exists(#part) OR #row = :row"
        return store.putting(self._table, row, when=anew, values={"row": number})

    def _write(self, batch: list[_Claim]) -> tuple[list[Settled], bool]:
        """Write all or none; of none, give those that are settled by what they met."""
        try:
            store.transact([write for claim in batch for write in claim.writes])
        except store.TransactionRefused as refusal:
            return self._met(batch, refusal.writes)
        except ClientError as error:
            if not refusals.is_busy(error):
                raise
            return [], True
        return [self._made(claim) for claim in batch], False

    def _met(self, batch: list[_Claim], refused: list[store.Refused]) -> tuple[list[Settled], bool]:
        settled, at = [], 0
        for claim in batch:
            own, at = refused[at], at + len(claim.writes)
            if own.failed:
                claim.there, claim.writes = own.item or None, []
                if verdict := self._verdict(claim):
                    settled.append(verdict)
        return settled, not any(each.failed for each in refused)

    def _made(self, claim: _Claim) -> Settled:
        there = claim.there
        if not there:
            return Settled(claim.row, "created", claim.id)
        if not self._is_ours(there):
            fields = self._entity.change(claim.row.record)
            there = there | {"import_before": {name: there.get(name) for name in fields}}
        return Settled(claim.row, ledger.status(there, self._entity, claim.row), claim.id)

    def _verdict(self, claim: _Claim) -> Settled | None:
        """Judge a row by what it met; None where it has still to be written."""
        there = claim.there
        if not there:
            return None
        if not self._is_ours(there):
            return self._exists(claim.row) if self._job["options"]["mode"] == "create" else None
        if there["import_row"] < claim.row.number:
            return self._duplicate(claim.row)
        if there["import_row"] > claim.row.number:
            return None
        return Settled(claim.row, ledger.status(there, self._entity, claim.row), claim.id)

    def _is_ours(self, there: There) -> bool:
        return there is not None and there.get("import_job_id") == self._job["job_id"]

    def _exists(self, row: Row) -> Settled:
        row.refuse(
            column=self._entity.column, code=self._entity.exists, detail="It exists already."
        )
        return Settled(row, "failed")

    def _duplicate(self, row: Row) -> Settled:
        refuse_duplicate(row, self._entity)
        return Settled(row, "failed")

    def _pause(self, attempt: int) -> int:
        """Back off with full jitter; Retry where the time that is left would not do."""
        longest = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**attempt)
        pause = random.uniform(0, longest)  # noqa: S311 - spreads, guards nothing
        if time.monotonic() + pause >= self._deadline:
            raise Retry("the table is busy, or others write the same rows")
        time.sleep(pause)
        return attempt + 1


def refuse_duplicate(row: Row, entity: Entity) -> None:
    """Say of a row that an earlier one of the file stands for the same thing."""
    detail = "An earlier row of this file is about the same."
    row.refuse(column=entity.column, code="duplicate_in_file", detail=detail)
