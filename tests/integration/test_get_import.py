"""Following an import."""

from batch_processing import jobs
from batch_processing.planning import Chunk
from batch_processing.rows import RowError
from interchange import clock, store
from interchange.trace import Trace
from tests.answers import body_of, refusal
from tests.architecture import Json
from tests.aws_events import request
from tests.moto_cloud import Cloud

TRACE = Trace("order-7", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
JOB = "job_1"


def get(cloud: Cloud, job_id: str = JOB) -> Json:
    event = request("GET", "/api/users/batch/{job_id}", job_id=job_id)
    answer: Json = cloud.invoke("GetImportFunction", event)
    return answer


def put_job(cloud: Cloud, job_id: str = JOB) -> Json:
    job = jobs.new_job(job_id, size=9, now=clock.now(), expires_epoch=9, trace=TRACE)
    store.put_new(cloud.name("ImportsTable"), job, key="job_id")
    return job


def put_done_chunk(cloud: Cloud, job: Json, number: int) -> None:
    """Put a chunk that created seven users and refused a row."""
    table, key = cloud.name("ImportsTable"), jobs.key(job["job_id"], f"chunk#{number:06}")
    jobs.add_chunk(table, job, number, Chunk(0, 1, 1, 2), etag="", header=[])
    error = RowError(row=number, line=number + 1, column="email", code="x", detail="No.")
    chunk = store.get(table, key) or {}
    jobs.finish_chunk(table, chunk, created=7, failed=1, errors=[error])


def test_a_job_that_waits_for_its_file_is_shown(cloud: Cloud) -> None:
    put_job(cloud)

    answer = get(cloud)

    assert answer["statusCode"] == 200
    assert answer["headers"]["Cache-Control"] == "no-store"
    assert (body_of(answer)["id"], body_of(answer)["status"]) == (JOB, "awaiting_upload")


def test_a_job_is_shown_with_its_progress_counts_and_errors(cloud: Cloud) -> None:
    job = put_job(cloud)
    for number in (1, 2):
        put_done_chunk(cloud, job, number)
    jobs.start_planning(cloud.name("ImportsTable"), JOB)
    jobs.start_running(cloud.name("ImportsTable"), JOB, chunks=3, now=clock.now())

    found = body_of(get(cloud))

    assert found["status"] == "running"
    assert found["counts"] == {"total": 16, "created": 14, "failed": 2}
    assert found["progress"] == {"chunks": 3, "chunks_done": 2}
    assert [each["row"] for each in found["errors"]] == [1, 2]


def test_a_failed_job_says_why(cloud: Cloud) -> None:
    put_job(cloud)
    table = cloud.name("ImportsTable")
    jobs.start_planning(table, JOB)
    jobs.fail(table, JOB, code="header_missing", detail="The file is empty.", now=clock.now())

    found = body_of(get(cloud))

    assert found["status"] == "failed"
    assert found["error"] == {"code": "header_missing", "detail": "The file is empty."}


def test_another_jobs_rows_are_not_shown(cloud: Cloud) -> None:
    put_job(cloud)
    put_done_chunk(cloud, put_job(cloud, "job_2"), 1)

    assert body_of(get(cloud))["counts"]["total"] == 0


def test_an_unknown_job_is_not_found(cloud: Cloud) -> None:
    assert refusal(get(cloud)) == (404, "import_not_found")
