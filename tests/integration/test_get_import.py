"""Following an import."""

from tests.answers import body_of, refusal
from tests.aws_events import request
from tests.imports import Imports
from tests.moto_cloud import Cloud

LINES = b"".join(b"u%d@b.co,User\nbad,Bob\n" % n for n in range(60))


def test_a_job_that_waits_for_its_file_is_shown(cloud: Cloud) -> None:
    imports = Imports(cloud)
    started = body_of(imports.start(b"email,name\n"))

    event = request("GET", "/api/users/batch/{job_id}", job_id=started["id"])
    answer = cloud.invoke("GetImportFunction", event)

    assert answer["headers"]["Cache-Control"] == "no-store"
    assert body_of(answer) == started
    assert started["counts"]["total"] == 0
    assert started["progress"] == {
        "chunks": None,
        "chunks_done": 0,
        "rows_done": 0,
        "rows_per_second": None,
        "seconds_left": None,
    }


def test_a_job_is_shown_with_its_progress_rate_and_time_left(cloud: Cloud) -> None:
    imports = Imports(cloud)
    job_id = body_of(imports.start(b"email,name\n" + LINES))["id"]
    imports.arrive(job_id)
    imports.advance()
    imports.steps(1200)
    imports.work({"job_id": job_id, "part": "chunk#000001"})

    found = imports.job(job_id)

    progress, done = found["progress"], found["progress"]["rows_done"]
    assert (found["status"], progress["chunks_done"]) == ("running", 1)
    assert 0 < done == found["counts"]["total"] < 120
    assert found["counts"]["created"] + found["counts"]["failed"] == done
    assert progress["rows_per_second"] > 0
    assert progress["seconds_left"] >= 0
    assert found["file"] == {
        "format": "csv",
        "bytes": len(LINES) + 11,
        "compression": None,
        "encoding": "utf-8",
        "delimiter": ",",
        "columns": ["email", "name"],
    }


def test_the_first_hundred_errors_are_shown_in_the_files_order(cloud: Cloud) -> None:
    job = Imports(cloud).run(b"email,name\n" + b"bad,Bob\n" * 150, chunk_bytes=400)

    assert [each["row"] for each in job["errors"]] == list(range(1, 101))
    assert job["counts"]["failed"] == 150


def test_a_failed_job_says_why(cloud: Cloud) -> None:
    job = Imports(cloud).run(b"email\n")

    assert job["status"] == "failed"
    assert job["error"]["code"] == "header_mismatch"
    assert job["counts"]["total"] == 0


def test_a_jobs_row_keeps_to_itself_what_is_not_the_callers(cloud: Cloud) -> None:
    job = Imports(cloud).run(b"email,name\n")

    private = {"correlation_id", "traceparent", "expires_epoch", "kind", "part", "plan", "step"}
    assert not job.keys() & private


def test_an_unknown_job_is_not_found(cloud: Cloud) -> None:
    event = request("GET", "/api/users/batch/{job_id}", job_id="job_none")

    assert refusal(cloud.invoke("GetImportFunction", event)) == (404, "import_not_found")
