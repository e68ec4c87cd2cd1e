"""The rows of chunks that were left: read once more, or counted where their file is lost."""

from collections import Counter

from botocore.exceptions import ClientError

from batch_processing import files, jobs
from batch_processing.formats import dialects, rows
from batch_processing.importing import results
from batch_processing.importing.results import Record
from interchange.store import Item


def read(bucket: str, job: Item, chunk: Item, *, patience: int) -> list[Record] | None:
    """Read a chunk's rows for the result file; None where the upload is another's by now, or gone.

    After so many tries as the patience is, one that cannot be read is taken for gone.
    """
    plan, place = job["plan"], {"start": chunk["start"], "end": chunk["end"]}
    try:
        data = files.part(bucket, plan["key"], etag=plan["etag"], **place)
    except files.Changed:
        return None
    except ClientError:  # of what is gone S3 says AccessDenied, to who may not list
        if job["attempts"] < patience:
            raise
        return None
    return _records(data, chunk, dialects.of(plan["dialect"]))


def _records(data: bytes, chunk: Item, dialect: dialects.Dialect) -> list[Record]:
    first = {"first_row": chunk["first_row"], "first_line": chunk["first_line"]}
    found = list(rows.split(data, dialect, **first))
    for row in found:
        rows.fill(row, dialect)
    return [results.unprocessed(row) for row in found]


def lost(chunk: Item) -> list[Record]:
    """Give a chunk's rows, blank ones too, by their numbers alone."""
    first = chunk["first_row"]
    return [results.lost(number) for number in range(first, first + chunk["rows"])]


def totals(table: str, job: Item) -> Item:
    """Count a job's rows without its result files: as its chunks did, blank ones that are left too.

    A row that has lost its place to one of another chunk stays a success here.
    """
    counted: Counter[str] = Counter()
    for chunk in jobs.parts(table, job["job_id"], "chunk"):
        done = chunk["status"] == "done"
        counted.update(chunk["counts"] if done else {"unprocessed": chunk["rows"]})
    return jobs.counts(**{name: n for name, n in counted.items() if name != "total"})
