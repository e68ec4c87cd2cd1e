"""Moving imports on: what each change of a job or a chunk sends."""

import json

import pytest

from batch_processing import jobs
from interchange import aws, clock
from tests.answers import body_of
from tests.architecture import Json
from tests.faults import hooked, refusing
from tests.imports import Imports
from tests.moto_cloud import Cloud

CSV = b"email,name\n" + b"".join(b"user%d@example.com,User\n" % number for number in range(12))


def planned(cloud: Cloud, file: bytes = CSV, chunk_bytes: int = 8) -> tuple[Imports, str]:
    """Give an import whose file has been cut, a row a chunk, and the job's id."""
    imports = Imports(cloud)
    job_id: str = body_of(imports.start(file))["id"]
    imports.arrive(job_id)
    imports.advance()
    imports.steps(chunk_bytes)
    return imports, job_id


def sent(cloud: Cloud, queue: str) -> list[Json]:
    return [json.loads(each["Body"]) for each in cloud.messages(queue)]


def told(cloud: Cloud) -> list[Json]:
    """Give the events about imports that have been published."""
    return [each for each in sent(cloud, "EventLogQueue") if "import" in each["type"]]


def test_a_job_whose_file_has_come_is_sent_to_be_planned(cloud: Cloud) -> None:
    imports = Imports(cloud)
    job_id = body_of(imports.start(CSV))["id"]
    imports.advance()
    assert sent(cloud, "StepsQueue") == []

    imports.arrive(job_id)
    imports.advance()

    (message,) = sent(cloud, "StepsQueue")
    assert (message["job_id"], message["step"]) == (job_id, 1)
    assert message["correlation_id"] == imports.row(job_id)["correlation_id"]


def test_every_chunk_is_sent_once_all_of_the_file_is_seen_to_be_sound(cloud: Cloud) -> None:
    imports, job_id = planned(cloud)

    imports.advance()

    messages = sent(cloud, "ChunksQueue")
    assert [each["part"] for each in messages] == [f"chunk#{n:06}" for n in range(1, 13)]
    assert {each["job_id"] for each in messages} == {job_id}


def test_a_job_is_finished_with_its_last_chunk(cloud: Cloud) -> None:
    imports, job_id = planned(cloud, CSV[:57])
    imports.advance()
    first, last = sent(cloud, "ChunksQueue")
    imports.work(first)
    imports.advance()
    assert imports.row(job_id)["status"] == "running"

    imports.work(last)
    imports.advance()
    assert imports.row(job_id)["status"] == "finishing"

    imports.advance()

    assert [each["step"] for each in sent(cloud, "StepsQueue")] == [2]


def test_a_job_without_rows_is_finished_at_once(cloud: Cloud) -> None:
    imports, job_id = planned(cloud, b"email,name\n")

    assert imports.finish(job_id)["status"] == "completed"


def test_of_two_that_see_the_last_chunk_settled_one_finishes_the_job(cloud: Cloud) -> None:
    imports, job_id = planned(cloud, CSV[:34])
    imports.advance()
    imports.chunks()
    others: list[bool] = []

    def overtake(**_: object) -> None:
        if not others:
            others.append(False)
            job = imports.row(job_id)
            others[0] = jobs.finishing(cloud.name("ImportsTable"), job)

    with hooked("before-call.dynamodb.UpdateItem", overtake):
        imports.advance()

    assert (others, imports.row(job_id)["step"]) == ([True], 2)


def test_the_end_is_told_once_with_the_counts(cloud: Cloud) -> None:
    imports, job_id = planned(cloud)

    job = imports.finish(job_id)

    (event,) = told(cloud)
    assert (event["type"], event["subject"]) == ("users.import.completed", job_id)
    assert event["data"] == {
        "id": job_id,
        "mode": "create",
        "dry_run": False,
        "round": 1,
        "status": "completed",
        "counts": job["counts"],
    }
    assert event["time"] == job["ended_at"]


def test_the_end_of_a_dry_run_is_told_as_one(cloud: Cloud) -> None:
    job = Imports(cloud).run(CSV, dry_run="true", mode="upsert")

    (event,) = told(cloud)
    assert (event["data"]["dry_run"], event["data"]["mode"]) == (True, "upsert")
    assert event["data"]["counts"] == job["counts"]


def test_an_end_that_is_carried_twice_is_the_same_event(cloud: Cloud) -> None:
    imports, job_id = planned(cloud)
    imports.finish(job_id)
    imports.seen = {key: each for key, each in imports.seen.items() if key[1] != "job"}

    imports.advance()

    assert len({each["id"] for each in told(cloud)}) == 1


@pytest.mark.parametrize("file", [b"email\n", CSV + b'"'])
def test_a_failure_is_told_too(cloud: Cloud, file: bytes) -> None:
    imports, job_id = planned(cloud, file)

    imports.finish(job_id)

    (event,) = told(cloud)
    assert event["data"]["status"] == "failed"


def test_the_file_of_an_ended_job_is_deleted_and_no_other(cloud: Cloud) -> None:
    bucket = cloud.name("ImportsBucket")
    aws.s3().put_object(Bucket=bucket, Key=jobs.upload_key("job_2"), Body=b"")
    imports, job_id = planned(cloud)

    imports.finish(job_id)

    left = aws.s3().list_objects_v2(Bucket=bucket, Prefix="imports/")["Contents"]
    keys = {each["Key"] for each in left}
    assert jobs.upload_key(job_id) not in keys
    assert jobs.upload_key("job_2") in keys


def test_errors_claims_and_pending_chunks_are_no_work(cloud: Cloud) -> None:
    planned(cloud)
    rows = [each for each in cloud.rows("ImportsTable") if each["kind"] == {"S": "chunk"}]

    assert cloud.carry("AdvanceImportFunction", "ImportsTable", rows) == {"Records": []}


@pytest.mark.parametrize("service", ["sqs", "sns"])
def test_what_cannot_be_sent_comes_back(cloud: Cloud, service: str) -> None:
    imports, job_id = planned(cloud)
    operation = "SendMessageBatch" if service == "sqs" else "PublishBatch"
    if service == "sns":
        jobs.cancel(cloud.name("ImportsTable"), job_id, now=clock.now())
        while imports.row(job_id)["status"] != "cancelled":
            imports.advance()
            imports.chunks()
            imports.steps()

    with refusing(service, operation, "Throttling"), pytest.raises(Exception, match=r"."):
        imports.advance()
