"""Cutting a file that arrived into chunks."""

from urllib.parse import quote_plus

import pytest

from batch_processing import jobs
from interchange import aws, clock, items, store
from interchange.trace import Trace
from tests.architecture import Json
from tests.aws_events import uploaded
from tests.faults import hooked
from tests.moto_cloud import Cloud

TRACE = Trace("order-7", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
CSV = b"email,name\n" + b"".join(b"user%02d@example.com,User\n" % number for number in range(9))
JOB = "job_1"


def put_job(cloud: Cloud, file: bytes = CSV, job_id: str = JOB) -> None:
    job = jobs.new_job(job_id, size=len(file), now=clock.now(), expires_epoch=9, trace=TRACE)
    store.put_new(cloud.name("ImportsTable"), job, key="job_id")
    bucket = cloud.name("ImportsBucket")
    aws.s3().put_object(Bucket=bucket, Key=f"imports/{job_id}.csv", Body=file)


def plan(cloud: Cloud, *keys: str, chunk_bytes: int = 80) -> None:
    event = uploaded(cloud.name("ImportsBucket"), *(keys or [f"imports/{JOB}.csv"]))
    cloud.invoke("PlanImportFunction", event, CHUNK_BYTES=str(chunk_bytes))


def parts(cloud: Cloud, kind: str) -> list[Json]:
    rows = map(items.unpack, cloud.rows("ImportsTable"))
    return sorted((row for row in rows if row["kind"] == kind), key=lambda row: str(row["part"]))


def job(cloud: Cloud) -> Json:
    (found,) = parts(cloud, "job")
    return found


def test_a_file_is_cut_into_chunks_that_are_the_whole_of_it(cloud: Cloud) -> None:
    put_job(cloud)

    plan(cloud)

    chunks = parts(cloud, "chunk")
    assert b"".join(CSV[each["start"] : each["end"]] for each in chunks) == CSV[11:]
    assert (job(cloud)["status"], job(cloud)["chunks"]) == ("running", len(chunks))
    assert len(chunks) > 2


def test_a_chunk_knows_what_its_worker_needs(cloud: Cloud) -> None:
    put_job(cloud)

    plan(cloud)

    first = parts(cloud, "chunk")[0]
    head = aws.s3().head_object(Bucket=cloud.name("ImportsBucket"), Key=f"imports/{JOB}.csv")
    assert (first["status"], first["first_row"], first["first_line"]) == ("pending", 1, 2)
    assert (first["header"], first["etag"]) == (["email", "name"], head["ETag"])
    assert (first["correlation_id"], first["traceparent"]) == TRACE
    assert first["expires_epoch"] == job(cloud)["expires_epoch"]


def test_the_same_event_twice_plans_once(cloud: Cloud) -> None:
    put_job(cloud)
    plan(cloud)
    before = cloud.rows("ImportsTable")

    plan(cloud)

    assert cloud.rows("ImportsTable") == before


def test_a_file_without_rows_has_no_chunks_and_goes_on(cloud: Cloud) -> None:
    put_job(cloud, b"email,name\n")

    plan(cloud)

    assert (job(cloud)["status"], job(cloud)["chunks"]) == ("running", 0)


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (b"", "header_missing"),
        (b"email\n", "header_mismatch"),
        (b"\xff\xfe", "header_unreadable"),
        (CSV + b'"', "quote_unclosed"),
        (CSV + b'"' + b"x" * 1_000_100, "row_too_large"),
    ],
)
def test_a_file_that_cannot_be_imported_fails_with_a_code(
    cloud: Cloud, file: bytes, code: str
) -> None:
    put_job(cloud, file)

    plan(cloud)

    assert (job(cloud)["status"], job(cloud)["error"]["code"]) == ("failed", code)
    assert job(cloud)["ended_at"]


def test_of_a_file_that_cannot_be_imported_nothing_is(cloud: Cloud) -> None:
    put_job(cloud, CSV + b'"')

    plan(cloud)

    assert parts(cloud, "chunk") == []


def test_a_failed_job_stays_failed(cloud: Cloud) -> None:
    put_job(cloud, b"email\n")
    plan(cloud)
    before = job(cloud)

    plan(cloud)

    assert job(cloud) == before


def test_a_planner_goes_on_where_another_died(cloud: Cloud) -> None:
    put_job(cloud)
    jobs.start_planning(cloud.name("ImportsTable"), JOB)

    plan(cloud)

    assert job(cloud)["status"] == "running"


def test_of_two_planners_at_once_one_starts_the_job(cloud: Cloud) -> None:
    put_job(cloud)
    others: list[None] = []

    def overtake(**_: object) -> None:
        if not others:
            others.append(None)
            plan(cloud)

    with hooked("before-call.s3.GetObject", overtake):
        plan(cloud)

    chunks = parts(cloud, "chunk")
    assert (job(cloud)["status"], job(cloud)["chunks"]) == ("running", len(chunks))
    assert b"".join(CSV[each["start"] : each["end"]] for each in chunks) == CSV[11:]


def test_a_key_is_read_as_s3_writes_it(cloud: Cloud) -> None:
    put_job(cloud)

    plan(cloud, quote_plus(f"imports/{JOB}.csv"))

    assert quote_plus(f"imports/{JOB}.csv") == "imports%2Fjob_1.csv"
    assert job(cloud)["status"] == "running"


@pytest.mark.parametrize("key", ["imports/job_2.csv", "imports/a+b.csv", "imports/x", "job_1.csv"])
def test_a_file_of_no_job_is_left_alone(cloud: Cloud, key: str) -> None:
    plan(cloud, key)

    assert cloud.rows("ImportsTable") == []


def test_s3s_test_event_is_nothing_to_plan(cloud: Cloud) -> None:
    cloud.invoke("PlanImportFunction", {"Service": "Amazon S3", "Event": "s3:TestEvent"})


def test_two_files_may_come_in_one_event(cloud: Cloud) -> None:
    put_job(cloud, job_id="job_1")
    put_job(cloud, job_id="job_2")

    plan(cloud, "imports/job_1.csv", "imports/job_2.csv")

    assert [each["status"] for each in parts(cloud, "job")] == ["running", "running"]


def test_a_file_that_is_not_there_is_lambdas_to_try_again(cloud: Cloud) -> None:
    put_job(cloud)
    aws.s3().delete_object(Bucket=cloud.name("ImportsBucket"), Key=f"imports/{JOB}.csv")

    with pytest.raises(aws.s3().exceptions.NoSuchKey):
        plan(cloud)

    assert job(cloud)["status"] == "planning"
