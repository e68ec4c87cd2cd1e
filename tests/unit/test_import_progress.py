"""How fast an import goes, and how long the rest takes."""

from datetime import UTC, datetime, timedelta

import pytest

from batch_processing import jobs
from batch_processing.importing import progress
from interchange import clock
from interchange.store import Item
from interchange.trace import Trace

PLANNED = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
RESUMED = PLANNED + timedelta(days=2)
SECOND = timedelta(seconds=1)
ASKED = {"mode": "create", "dry_run": False, "notify": False, "max_errors": None}


def job(**given: str | int) -> Item:
    about: Item = {"asked": ASKED | {"encoding": None}, "days": 9, "trace": Trace("order-7", "00")}
    made = jobs.new_job("job_1", entity="users", format="csv", now=PLANNED, **about)
    return made | {"status": "running", "planned_at": clock.rfc3339(PLANNED), "chunks": 4} | given


def chunk(number: int, status: str, *, round: int, rows: int = 10) -> Item:
    place = {"start": number * 100, "end": number * 100 + 100, "counts": jobs.counts(created=rows)}
    return {"part": f"chunk#{number}", "status": status, "round": round} | place


def shown(job: Item, *chunks: Item, now: datetime) -> dict[str, float | None]:
    found: dict[str, float | None] = progress.of(job, chunks, [], now=now)["progress"]
    return found


def test_the_rate_is_that_since_the_rows_were_begun() -> None:
    done, left = chunk(1, "done", round=1), chunk(2, "pending", round=0)

    found = shown(job(), done, left, now=PLANNED + 5 * SECOND)

    assert (found["rows_done"], found["rows_per_second"], found["seconds_left"]) == (10, 2.0, 5.0)


def test_after_a_resume_the_rate_is_that_since_then() -> None:
    resumed = job(round=2, resumed_at=clock.rfc3339(RESUMED))
    before = [chunk(number, "done", round=1) for number in (1, 2)]
    left = chunk(4, "skipped", round=1)

    found = shown(resumed, *before, chunk(3, "done", round=2), left, now=RESUMED + 5 * SECOND)

    assert (found["rows_done"], found["chunks_done"]) == (30, 3)
    assert (found["rows_per_second"], found["seconds_left"]) == (2.0, 5.0)


def test_right_after_a_resume_nothing_can_be_told() -> None:
    resumed = job(round=2, resumed_at=clock.rfc3339(RESUMED))
    parts = chunk(1, "done", round=1), chunk(2, "skipped", round=1)

    found = shown(resumed, *parts, now=RESUMED + SECOND)

    assert (found["rows_per_second"], found["seconds_left"]) == (0.0, None)


@pytest.mark.parametrize("round", [1, 2])
def test_the_rate_of_an_import_that_has_ended_stays(round: int) -> None:
    begun = PLANNED if round == 1 else RESUMED
    resumed = {} if round == 1 else {"resumed_at": clock.rfc3339(RESUMED)}
    over = {"status": "completed", "ended_at": clock.rfc3339(begun + 2 * SECOND)}
    ended = job(round=round, **resumed, **over)

    found = shown(ended, chunk(1, "done", round=round), now=begun + timedelta(days=1))

    assert (found["rows_per_second"], found["seconds_left"]) == (5.0, None)
