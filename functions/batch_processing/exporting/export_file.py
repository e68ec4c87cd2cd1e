"""Put an export's file together from its pieces; S3 copies the large ones itself."""

from collections.abc import Callable

from batch_processing import files, jobs
from batch_processing.exporting import exports
from interchange.store import Item


def pieces(table: str, job: Item) -> list[Item]:
    """Give the pieces in the file's order: the one with the header, the large ones, the rest."""
    found = list(jobs.parts(table, job["job_id"], "file"))
    return found[:1] + sorted(found[1:], key=lambda each: each["bytes"] < files.SMALLEST_PART)


def join(bucket: str, job: Item, found: list[Item], *, is_late: Callable[[], bool]) -> Item | None:
    """Write the file; None once it is there, else what the next step needs to go on.

    Whoever does a step again writes the same bytes to the same places.
    """
    begun: Item = job.get("finish") or {}
    key, media = exports.file_key(job), exports.media(job)
    file = files.Growing(bucket, key, media, begun.get("file"))
    for index in range(begun.get("next", 0), len(found)):
        file.add(found[index]["object"], found[index]["bytes"])
        if is_late():
            return {"next": index + 1, "file": file.kept(_held(job))}
    file.end()
    return None


def _held(job: Item) -> str:
    return f"{exports.parts_folder(job['job_id'])}held-{job['step']}-{job['attempts']}"
