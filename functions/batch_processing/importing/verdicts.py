"""What becomes of a row, by what it meets where its thing is kept.

The rule for a thing that comes twice: its first sound row in the file's order stands for it, the
others fail, whichever chunk ran first.
"""

from dataclasses import dataclass, field

from batch_processing.entities.entity import Entity
from batch_processing.formats.rows import Row
from batch_processing.importing import ledger
from batch_processing.importing.ledger import There
from interchange.store import Item, Write


@dataclass(slots=True)
class Settled:
    """A row and what became of it; `id` is empty where it has failed."""

    row: Row
    status: str
    id: str = ""


@dataclass(slots=True)
class Claim:
    """A row that is to stand for a thing, and what it has met so far."""

    row: Row
    id: str
    there: There
    writes: list[Write] = field(default_factory=list)


class Judge:
    """Judges the rows of one job."""

    def __init__(self, entity: Entity, job: Item) -> None:
        self._entity, self._job = entity, job

    def verdict(self, claim: Claim) -> Settled | None:
        """Judge a row by what it met; None where it has still to be written."""
        there = claim.there
        if not there:
            return None
        place = self.place(there)
        if place is None:
            return self._exists(claim.row) if self._job["options"]["mode"] == "create" else None
        if place < claim.row.number:
            return self._duplicate(claim.row)
        return None if place > claim.row.number else self._done(claim, there)

    def made(self, claim: Claim) -> Settled:
        """Say what a row has done that is written."""
        there = claim.there
        if not there:
            return Settled(claim.row, "created", claim.id)
        if self.place(there) is None:
            fields = self._entity.change(claim.row.record)
            there = there | {"import_before": {name: there.get(name) for name in fields}}
        return self._done(claim, there)

    def repeated(self, row: Row, first: Row) -> Settled:
        """Refuse a row for what an earlier one of its chunk has met."""
        exists = any(each["code"] == self._entity.exists for each in first.errors)
        return self._exists(row) if exists else self._duplicate(row)

    def place(self, there: There) -> int | None:
        """Say which row of this very file stands for the thing, or made it; None where none."""
        return ledger.place(there, self._job)

    def _done(self, claim: Claim, there: Item) -> Settled:
        status = ledger.status(there, self._entity, self._job, claim.row)
        return Settled(claim.row, status, claim.id)

    def _exists(self, row: Row) -> Settled:
        row.refuse(
            column=self._entity.column, code=self._entity.exists, detail="It exists already."
        )
        return Settled(row, "failed")

    def _duplicate(self, row: Row) -> Settled:
        refuse_duplicate(row, self._entity)
        return Settled(row, "failed")


def refuse_duplicate(row: Row, entity: Entity) -> None:
    """Say of a row that an earlier one of the file stands for the same thing."""
    detail = "An earlier row of this file is about the same."
    row.refuse(column=entity.column, code="duplicate_in_file", detail=detail)
