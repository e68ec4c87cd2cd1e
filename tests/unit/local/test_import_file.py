"""How an import's progress is drawn."""

from pathlib import Path
from typing import Any

from local import import_file

JOB: dict[str, Any] = {
    "status": "running",
    "counts": {"total": 1500, "created": 1500, "updated": 0},
    "progress": {
        "chunks": 8,
        "chunks_done": 2,
        "rows_done": 1500,
        "rows_per_second": 730.4,
        "seconds_left": 6.2,
    },
}


def test_the_bar_is_as_long_as_the_share_of_chunks_that_are_done() -> None:
    bar = "█" * 10 + "·" * 30

    assert import_file.drawn(JOB) == f"running {bar} 25% 1,500 rows, 730/s, 6 s left"


def test_a_job_without_chunks_is_at_its_beginning() -> None:
    nothing = dict.fromkeys(JOB["progress"]) | {"chunks_done": 0, "rows_done": 0}
    job = JOB | {"status": "planning", "progress": nothing}

    assert import_file.drawn(job) == f"planning {'·' * 40} 0% 0 rows, 0/s"


def test_the_end_is_told_with_its_reason() -> None:
    error = {"code": "quote_unclosed", "detail": "The quote on line 2 is never closed."}

    assert import_file.summary(JOB) == "running: 1,500 total, 1,500 created"
    assert import_file.summary({"status": "failed", "counts": {"total": 0}, "error": error}) == (
        "failed: no rows (quote_unclosed: The quote on line 2 is never closed.)"
    )


def test_users_are_made_up_in_any_number(tmp_path: Path) -> None:
    lines = import_file.made(tmp_path / "users.csv", 3).read_text().splitlines()

    assert len(set(lines)) == 4
    assert lines[0] == "email,name"
