"""An import's totals: the sum of what its chunks have committed."""

from typing import Any

from batch_processing import jobs
from interchange import clock
from interchange.store import Item
from interchange.trace import Trace

AT = "2026-01-15T09:30:00.000Z"
JOB = jobs.new_job("job_1", size=9, now=clock.parse(AT), expires_epoch=1, trace=Trace("c", "t"))


def chunk(number: int, *, created: int | None = None, failed: int = 0) -> Item:
    row = jobs.key("job_1", f"chunk#{number:06}") | {"kind": "chunk", "status": "pending"}
    done = {"status": "done", "created": created, "failed": failed}
    return row if created is None else row | done


def errors(*rows: int) -> Item:
    found = [
        {"row": row, "line": row + 1, "column": None, "code": "x", "detail": "."} for row in rows
    ]
    return jobs.key("job_1", "errors#000001") | {"kind": "errors", "errors": found}


def shown(*parts: Item, **job: Any) -> dict[str, Any]:
    return jobs.representation([JOB | job, *parts])


def test_a_new_job_waits_for_its_file() -> None:
    assert shown() == {
        "id": "job_1",
        "status": "awaiting_upload",
        "created_at": AT,
        "version": 1,
        "counts": {"total": 0, "created": 0, "failed": 0},
        "progress": {"chunks": None, "chunks_done": 0},
        "errors": [],
    }


def test_a_chunk_counts_wholly_or_not_at_all() -> None:
    parts = [chunk(1, created=7, failed=1), chunk(2), chunk(3, created=0, failed=4)]

    found = shown(*parts, status="running", chunks=3)

    assert found["counts"] == {"total": 12, "created": 7, "failed": 5}
    assert found["progress"] == {"chunks": 3, "chunks_done": 2}


def test_the_first_errors_are_shown_in_the_order_of_the_file() -> None:
    found = shown(errors(*range(200, 300)), errors(*range(1, 51)))["errors"]

    assert [each["row"] for each in found] == [*range(1, 51), *range(200, 250)]


def test_a_jobs_row_keeps_to_itself_what_is_not_the_callers() -> None:
    assert not shown().keys() & {"correlation_id", "traceparent", "expires_epoch", "kind", "part"}
