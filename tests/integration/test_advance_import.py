"""Moving imports on."""

import json

import pytest

from batch_processing import jobs
from batch_processing.planning import Chunk
from batch_processing.rows import RowError
from interchange import aws, clock, store
from interchange.trace import Trace
from tests.architecture import Json
from tests.faults import hooked, refusing
from tests.moto_cloud import Cloud

TRACE = Trace("order-7", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
JOB = "job_1"


@pytest.fixture
def table(cloud: Cloud) -> str:
    """The table, with a job that is being planned."""
    table = cloud.name("ImportsTable")
    job = jobs.new_job(JOB, size=1, now=clock.now(), expires_epoch=9, trace=TRACE)
    store.put_new(table, job, key="job_id")
    jobs.start_planning(table, JOB)
    return table


def put_chunks(table: str, count: int) -> list[Json]:
    """Plan so many chunks and start the job."""
    job = store.get(table, jobs.key(JOB)) or {}
    for index in range(1, count + 1):
        chunk = Chunk(index, index + 1, index, index)
        jobs.add_chunk(table, job, index, chunk, etag="", header=["email", "name"])
    jobs.start_running(table, JOB, chunks=count, now=clock.now())
    keys = (jobs.key(JOB, f"chunk#{index:06}") for index in range(1, count + 1))
    return [store.get(table, key) or {} for key in keys]


def finish(table: str, chunk: Json, *, failed: int = 0) -> None:
    jobs.finish_chunk(table, chunk, created=1, failed=failed, errors=[])


def advance(cloud: Cloud) -> None:
    cloud.carry("AdvanceImportFunction", "ImportsTable")


def status(table: str) -> str:
    return str((store.get(table, jobs.key(JOB)) or {})["status"])


def test_every_pending_chunk_is_sent_with_its_trace(cloud: Cloud, table: str) -> None:
    put_chunks(table, 12)

    advance(cloud)

    sent = [json.loads(each["Body"]) for each in cloud.messages("ChunksQueue")]
    assert sorted(each["part"] for each in sent) == [f"chunk#{n:06}" for n in range(1, 13)]
    assert {(each["job_id"], each["correlation_id"]) for each in sent} == {(JOB, "order-7")}


@pytest.mark.parametrize(("failed", "end"), [(0, "completed"), (1, "completed_with_errors")])
def test_a_job_ends_with_its_last_chunk(cloud: Cloud, table: str, failed: int, end: str) -> None:
    first, last = put_chunks(table, 2)
    finish(table, first, failed=failed)
    advance(cloud)
    assert status(table) == "running"

    finish(table, last)
    advance(cloud)

    assert status(table) == end
    assert (store.get(table, jobs.key(JOB)) or {})["ended_at"]


def test_a_job_without_rows_ends_at_once(cloud: Cloud, table: str) -> None:
    put_chunks(table, 0)

    advance(cloud)

    assert status(table) == "completed"


def test_chunks_may_be_done_before_the_plan_is(cloud: Cloud, table: str) -> None:
    job = store.get(table, jobs.key(JOB)) or {}
    jobs.add_chunk(table, job, 1, Chunk(0, 1, 1, 1), etag="", header=[])
    finish(table, store.get(table, jobs.key(JOB, "chunk#000001")) or {})
    advance(cloud)
    assert status(table) == "planning"

    jobs.start_running(table, JOB, chunks=1, now=clock.now())
    advance(cloud)

    assert status(table) == "completed"


def test_a_job_ends_once(cloud: Cloud, table: str) -> None:
    finish(table, *put_chunks(table, 1))
    advance(cloud)
    ended = store.get(table, jobs.key(JOB))

    advance(cloud)

    assert store.get(table, jobs.key(JOB)) == ended


def test_of_two_that_see_the_last_chunk_done_one_ends_the_job(cloud: Cloud, table: str) -> None:
    finish(table, *put_chunks(table, 1))
    ends: list[str | None] = []

    def overtake(**_: object) -> None:
        if not ends:
            ends.append(None)
            ends[0] = jobs.finish(table, JOB, now=clock.now())

    with hooked("before-call.dynamodb.UpdateItem", overtake):
        assert jobs.finish(table, JOB, now=clock.now()) is None

    assert ends == ["completed"]


def test_the_file_of_an_ended_job_is_deleted_and_no_other(cloud: Cloud, table: str) -> None:
    bucket = cloud.name("ImportsBucket")
    for key in (jobs.file(JOB), jobs.file("job_2")):
        aws.s3().put_object(Bucket=bucket, Key=key, Body=b"")
    put_chunks(table, 0)

    advance(cloud)
    advance(cloud)

    left = aws.s3().list_objects_v2(Bucket=bucket, Prefix="imports/job_")["Contents"]
    assert jobs.file(JOB) not in {each["Key"] for each in left}
    assert jobs.file("job_2") in {each["Key"] for each in left}


def test_errors_and_expired_rows_are_no_work(cloud: Cloud, table: str) -> None:
    (chunk,) = put_chunks(table, 1)
    errors = [RowError(row=1, line=2, column=None, code="x", detail=".")]
    jobs.finish_chunk(table, chunk, created=0, failed=1, errors=errors)
    row = next(each for each in cloud.rows("ImportsTable") if each["kind"] == {"S": "errors"})

    assert cloud.carry("AdvanceImportFunction", "ImportsTable", [row]) == {"Records": []}


def test_a_chunk_that_cannot_be_sent_comes_back(cloud: Cloud, table: str) -> None:
    put_chunks(table, 1)

    with (
        refusing("sqs", "SendMessageBatch", "RequestThrottled"),
        pytest.raises(Exception, match="Throttled"),
    ):
        advance(cloud)
