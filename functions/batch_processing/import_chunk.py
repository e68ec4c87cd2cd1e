"""Import a chunk: read its bytes, check each row, write the good ones, commit the outcome once."""

import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

from batch_processing import files, jobs
from batch_processing.entities import ENTITIES
from batch_processing.formats import dialects, rows
from batch_processing.importing import chunks, ledger, results
from batch_processing.importing.row_writer import Writer
from batch_processing.importing.verdicts import Settled
from interchange import clock, config, store
from interchange.observability import bind, count, logger
from interchange.records import Message, Retry, each_message
from interchange.store import Item

_MARGIN_SECONDS = 1.5  # to commit what is written


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    imports_table: str
    imports_bucket: str
    users_table: str
    receives: int


settings = config.reader(Settings)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Import the chunk that each message names, in the time there is."""
    left = context.get_remaining_time_in_millis() / 1000 - _MARGIN_SECONDS
    deadline = time.monotonic() + left
    return each_message(lambda message: _import(message, deadline))(event, context)


def _import(message: Message, deadline: float) -> None:
    """Work a chunk off, unless it is settled, or its job has stopped before it was begun."""
    table, key = settings().imports_table, jobs.key(message.body["job_id"], message.body["part"])
    bind(job_id=key["job_id"], part=key["part"])
    job, chunk = jobs.get(table, key["job_id"]), store.get(table, key)
    if job is None or chunk is None or not _is_due(job, chunk):
        logger.info("Chunk is settled")
        return
    if (why := _to_leave(job, chunk)) is None:
        _work(job, _claimed(job, chunk), deadline)
    else:
        chunks.skip(table, chunk, job, why=why)
        logger.warning("Chunk was left", why=why)


def _is_due(job: Item, chunk: Item) -> bool:
    at_work = job["status"] in {"running", "cancelling"}
    return chunk.get("kind") == "chunk" and at_work and not chunks.is_settled(chunk, job)


def _to_leave(job: Item, chunk: Item) -> str | None:
    """Say why a chunk's rows are to stay unprocessed; one that was begun is worked to its end."""
    if job["status"] == "cancelling" and chunk["status"] != "running":
        return "stopped"
    # Before SQS gives its message up: the job would wait for it for ever.
    return "attempts" if chunk["attempts"] >= settings().receives - 1 else None


def _claimed(job: Item, chunk: Item) -> Item:
    claimed = chunks.begin(settings().imports_table, chunk, job)
    if claimed is None:
        raise Retry("another worker has begun the chunk at this moment")
    return claimed


def _work(job: Item, chunk: Item, deadline: float) -> None:
    try:
        found = _rows(job, chunk)
    except files.Changed:
        chunks.skip(settings().imports_table, chunk, job, why="file_changed")
        logger.warning("Chunk was left", why="file_changed")
        return
    settled = _writer(job, deadline).settle(found)
    counted = Counter(each.status for each in settled)
    errors = [error for each in settled for error in each.row.errors]
    committed = chunks.commit(
        settings().imports_table,
        chunk,
        counted=jobs.counts(**counted),
        errors=errors[: chunks.KEPT_ERRORS],
        **_written(job, chunk, settled),
    )
    if not committed:
        raise Retry("another worker has the chunk")
    count("RowImported", len(settled) - counted["failed"])
    count("RowRefused", counted["failed"])
    logger.info("Chunk imported", **counted)


def _rows(job: Item, chunk: Item) -> list[rows.Row]:
    """Read the chunk's rows of the very file that was planned."""
    plan = job["plan"]
    data = files.part(
        settings().imports_bucket,
        plan["key"],
        etag=plan["etag"],
        start=chunk["start"],
        end=chunk["end"],
    )
    model, dialect = ENTITIES[job["list_of"]].model, dialects.of(plan["dialect"])
    first = {"first_row": chunk["first_row"], "first_line": chunk["first_line"]}
    return list(rows.read(data, dialect, model, **first))


def _writer(job: Item, deadline: float) -> Writer:
    imports, entity = settings().imports_table, ENTITIES[job["list_of"]]
    table = getattr(settings(), entity.table)
    book: ledger.Ledger = ledger.Table(entity, job, table, now=clock.rfc3339(clock.now()))
    if job["options"]["dry_run"]:
        book = ledger.Trial(entity, job, table, claims=imports)
    return Writer(entity, job, book, table=imports, deadline=deadline)


def _written(job: Item, chunk: Item, settled: list[Settled]) -> Item:
    """Keep the rows for the result files, under names of this very attempt; give the names."""
    records = {
        "succeeded": [
            results.succeeded(each.row, each.status, each.id) for each in settled if each.id
        ],
        "failed": [results.failed(each.row) for each in settled if not each.id],
    }
    dialect = dialects.of(job["plan"]["dialect"])
    attempt = f"{chunks.index_of(chunk):06}-{chunk['round']}-{chunk['attempts']}"
    keys = {}
    for kind, found in records.items():
        keys[kind] = f"results/{job['job_id']}/parts/{attempt}.{kind}" if found else ""
        if found:
            body = results.render(found, kind, dialect)
            files.put(settings().imports_bucket, keys[kind], body)
    return keys
