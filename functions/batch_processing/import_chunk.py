"""Import a chunk: read its bytes, check each row, insert the good ones, commit the counts once."""

from dataclasses import dataclass

from batch_processing import jobs, rows, user_writer
from interchange import aws, clock, config, store
from interchange.observability import bind, count, logger
from interchange.records import Message, each_message
from interchange.store import Item

_KEPT_ERRORS = 500  # an item holds 400 KB; the counts are exact all the same


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    imports_table: str
    imports_bucket: str
    users_table: str


settings = config.reader(Settings)


@each_message
def handler(message: Message) -> None:
    """Import the chunk that the message names; one that is done, or gone, is left alone."""
    key = jobs.key(message.body["job_id"], message.body["part"])
    bind(job_id=key["job_id"])
    chunk = store.get(settings().imports_table, key)
    if chunk is None or chunk["status"] == "done":
        logger.info("Chunk is done", part=key["part"])
        return
    outcome = user_writer.write(
        settings().users_table, _rows(chunk), job=chunk, now=clock.rfc3339(clock.now())
    )
    errors = [error for row in outcome.refused for error in row.errors]
    if jobs.finish_chunk(
        settings().imports_table,
        chunk,
        created=outcome.created,
        failed=len(outcome.refused),
        errors=errors[:_KEPT_ERRORS],
    ):
        count("RowImported", outcome.created)
        count("RowRefused", len(outcome.refused))
    logger.info(
        "Chunk imported",
        part=chunk["part"],
        rows_created=outcome.created,
        rows_refused=len(outcome.refused),
    )


def _rows(chunk: Item) -> list[rows.Row]:
    """Read the chunk's bytes of the very file that was planned."""
    stored = aws.s3().get_object(
        Bucket=settings().imports_bucket,
        Key=jobs.file(chunk["job_id"]),
        Range=f"bytes={chunk['start']}-{chunk['end'] - 1}",
        IfMatch=chunk["etag"],
    )
    data = stored["Body"].read()
    first = {"first_row": chunk["first_row"], "first_line": chunk["first_line"]}
    return list(rows.read(data, chunk["header"], **first))
