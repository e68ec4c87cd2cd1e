"""Where an import keeps which row of its file stands for a thing, and what its writes are.

Every row that an import writes carries the job, the row's number and, of a change, what was there
before. So a chunk that is tried again recognises its own rows, the file's first row wins over a
later one whichever chunk ran first, and what a row did can be told at any time after. An import
that marks what another has made leaves the maker's mark beside its own: the maker's chunk may not
be committed yet.
"""

from collections.abc import Iterable
from typing import Protocol

from batch_processing import jobs
from batch_processing.entities.entity import Entity
from batch_processing.formats.rows import Row
from interchange import store, trace
from interchange.store import Item, Write

type There = Item | None  # what a row met: None where nothing is known to be there

_MAKER = {"import_job_id": "maker_job_id", "import_row": "maker_row"}
_OWN = frozenset({"import_before", *_MAKER.values()})  # each mark says anew what goes for it

_SAME = "#version = :version AND #created_at = :created_at"


class Ledger(Protocol):
    """The table itself, or the claims of a dry run."""

    def met(self, ids: Iterable[str]) -> dict[str, Item]:
        """Look up what is there already, as far as the writes themselves will not tell."""

    def write(self, row: Row, id: str, there: There) -> Write:
        """Make the write by which the row comes to stand for the thing."""


class Table:
    """The entity's own table: a row is written on the condition of what it met."""

    def __init__(self, entity: Entity, job: Item, table: str, *, now: str) -> None:
        self._entity, self._job, self._table, self._now = entity, job, table, now

    def met(self, ids: Iterable[str]) -> dict[str, Item]:  # noqa: ARG002 - the writes tell
        """Know nothing: most rows are new, and a write that is refused shows what is there."""
        return {}

    def write(self, row: Row, id: str, there: There) -> Write:  # noqa: ARG002 - as the protocol says
        """Create the thing, or change the one that is there, and mark it."""
        marks = _marks(self._job, row)
        if not there:
            item = self._entity.create(row.record, self._job, self._now)
            return store.putting_new(self._table, item | marks)
        marks |= _maker(there, self._job)
        fields = self._entity.change(row.record)
        changes = any(there.get(name) != each for name, each in fields.items())
        before = _before(there, self._job, fields)
        version = there["version"] + changes  # what changes nothing is no new version
        item = {name: each for name, each in there.items() if name not in _OWN}
        item |= {**fields, "version": version, **marks, **before}
        if changes:  # the change becomes an event, which continues the import's trace
            item |= {"updated_at": self._now, **trace.of(self._job)._asdict()}
        values = {"version": there["version"], "created_at": there["created_at"]}
        same, marked = _as_marked(there)
        when = f"{_SAME} AND {same}"
        return store.putting(self._table, item, when=when, values=values | marked)


class Trial:
    """The claims of a dry run: rows of the imports table, and nothing else, are written."""

    def __init__(self, entity: Entity, job: Item, table: str, *, claims: str) -> None:
        self._entity, self._job, self._table, self._claims = entity, job, table, claims

    def met(self, ids: Iterable[str]) -> dict[str, Item]:
        """Read what the entity's table has: no write will tell."""
        return store.get_many(self._table, ids)

    def write(self, row: Row, id: str, there: There) -> Write:
        """Claim the thing for the row, with what an import would make of it."""
        there = there or {}
        fields = self._entity.change(row.record)
        claim = jobs.key(f"{self._job['job_id']}#{id}", "claim") | {"kind": "claim"}
        claim |= {"expires_epoch": self._job["expires_epoch"], "version": 1, **fields}
        claim |= _marks(self._job, row) | (_before(there, self._job, fields) if there else {})
        if there.get("kind") != "claim":
            return store.putting_new(self._claims, claim, key="job_id")
        same, marked = _as_marked(there)
        return store.putting(self._claims, claim, when=same, values=marked)


def _marks(job: Item, row: Row) -> Item:
    return {"import_job_id": job["job_id"], "import_row": row.number}


def place(there: There, job: Item) -> int | None:
    """Say which row of this very file stands for a thing, or made it; None where none does."""
    if not there:
        return None
    if there.get("import_job_id") == job["job_id"]:
        return int(there["import_row"])
    return int(there["maker_row"]) if there.get("maker_job_id") == job["job_id"] else None


def _maker(there: Item, job: Item) -> Item:
    """Keep the mark of another import that made the thing, whoever has marked it since."""
    if there.get("maker_job_id", job["job_id"]) != job["job_id"]:
        return {name: there[name] for name in _MAKER.values()}
    made = "import_before" not in there and there.get("import_job_id") not in {None, job["job_id"]}
    return {name: there[mark] for mark, name in _MAKER.items()} if made else {}


def _before(there: Item, job: Item, fields: Item) -> Item:
    """Keep what was there before this import; a thing that it has made itself was not."""
    if there.get("maker_job_id") == job["job_id"]:
        return {}
    if there.get("import_job_id") == job["job_id"]:
        return {"import_before": there["import_before"]} if "import_before" in there else {}
    return {"import_before": {name: there.get(name) for name in fields}}


def _as_marked(there: Item) -> tuple[str, Item]:
    """Make the condition that nobody has marked the thing since."""
    if "import_row" not in there:
        return "attribute_not_exists(#import_row)", {}
    when = "#import_job_id = :import_job_id AND #import_row = :import_row"
    return when, {name: there[name] for name in ("import_job_id", "import_row")}


def status(there: Item, entity: Entity, job: Item, row: Row) -> str:
    """Say what the row that stands for a thing has done: created, updated or unchanged."""
    if "import_before" not in there or there.get("maker_job_id") == job["job_id"]:
        return "created"
    same = there["import_before"] == entity.change(row.record)
    return "unchanged" if same else "updated"
