"""Importing a chunk, from its bytes to its counts."""

import json

import pytest

from batch_processing import jobs
from interchange import aws, clock, items, store, users
from interchange.trace import Trace
from tests.architecture import Json
from tests.aws_events import queue, uploaded
from tests.faults import conflicting, hooked, refusing
from tests.moto_cloud import Cloud

TRACE = Trace("order-7", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
AT = "2026-01-15T09:30:00.000Z"
JOB, PART = "job_1", "chunk#000001"


def put_file(cloud: Cloud, *lines: str, job_id: str = JOB) -> None:
    """Store a file with these lines behind its header, and plan it as one chunk."""
    file = "\n".join(["email,name", *lines, ""]).encode()
    job = jobs.new_job(job_id, size=len(file), now=clock.now(), expires_epoch=9, trace=TRACE)
    store.put_new(cloud.name("ImportsTable"), job, key="job_id")
    bucket, key = cloud.name("ImportsBucket"), f"imports/{job_id}.csv"
    aws.s3().put_object(Bucket=bucket, Key=key, Body=file)
    cloud.invoke("PlanImportFunction", uploaded(bucket, key))


def work(cloud: Cloud, *, job_id: str = JOB, part: str = PART) -> bool:
    """Import a chunk; say whether its message is gone."""
    message = {"job_id": job_id, "part": part, **TRACE._asdict()}
    answer: Json = cloud.invoke("ImportChunkFunction", queue(message))
    return not answer["batchItemFailures"]


def chunk(cloud: Cloud, job_id: str = JOB) -> Json:
    return store.get(cloud.name("ImportsTable"), jobs.key(job_id, PART)) or {}


def counts(cloud: Cloud, job_id: str = JOB) -> tuple[str, int, int]:
    found = chunk(cloud, job_id)
    return found["status"], found["created"], found["failed"]


def errors(cloud: Cloud, job_id: str = JOB) -> list[tuple[int, str | None, str]]:
    found = store.get(cloud.name("ImportsTable"), jobs.key(job_id, "errors#000001")) or {}
    return [(each["row"], each["column"], each["code"]) for each in found.get("errors", [])]


def names(cloud: Cloud) -> dict[str, str]:
    return {row["email"]["S"]: row["name"]["S"] for row in cloud.rows("UsersTable")}


def test_every_good_row_is_a_user_that_knows_its_job_and_row(cloud: Cloud) -> None:
    put_file(cloud, "Ada@example.com,Ada", "grace@example.com,Grace")

    assert work(cloud)

    rows = sorted(
        (items.unpack(each) for each in cloud.rows("UsersTable")), key=lambda r: str(r["email"])
    )
    assert counts(cloud) == ("done", 2, 0)
    assert [(row["email"], row["import_row"]) for row in rows] == [
        ("ada@example.com", 1),
        ("grace@example.com", 2),
    ]
    assert {(row["origin"], row["import_job_id"]) for row in rows} == {("imported", JOB)}
    assert (rows[0]["correlation_id"], rows[0]["traceparent"]) == TRACE


def test_every_bad_row_is_refused_with_its_place_and_stops_no_other(cloud: Cloud) -> None:
    put_file(cloud, "nobody,Nobody", "ada@example.com,Ada", "a@b.c", '"x"y,z', "grace@example.com,")

    assert work(cloud)

    assert counts(cloud) == ("done", 1, 4)
    assert errors(cloud) == [
        (1, "email", "field_invalid"),
        (3, None, "field_count"),
        (4, None, "row_malformed"),
        (5, "name", "field_invalid"),
    ]


def test_an_address_that_has_a_user_is_refused_and_the_user_stays(cloud: Cloud) -> None:
    ada = users.row(email="ada@example.com", name="Ada", origin="registered", now=AT, trace=TRACE)
    store.put_new(cloud.name("UsersTable"), ada)
    put_file(cloud, "ADA@example.com,Eve", "grace@example.com,Grace")

    assert work(cloud)

    assert counts(cloud) == ("done", 1, 1)
    assert errors(cloud) == [(1, "email", "user_exists")]
    assert names(cloud) == {"ada@example.com": "Ada", "grace@example.com": "Grace"}


def test_an_address_that_comes_twice_is_taken_once(cloud: Cloud) -> None:
    put_file(cloud, "ada@example.com,Ada", "ADA@example.com,Eve")

    assert work(cloud)

    assert (counts(cloud), names(cloud)) == (("done", 1, 1), {"ada@example.com": "Ada"})
    assert errors(cloud) == [(2, "email", "duplicate_in_file")]


def test_an_address_that_another_import_brought_is_refused(cloud: Cloud) -> None:
    put_file(cloud, "ada@example.com,Ada")
    put_file(cloud, "ada@example.com,Eve", job_id="job_2")

    assert work(cloud)
    assert work(cloud, job_id="job_2")

    assert counts(cloud, "job_2") == ("done", 0, 1)
    assert errors(cloud, "job_2") == [(1, "email", "user_exists")]


def test_more_rows_than_one_request_takes_are_all_imported(cloud: Cloud) -> None:
    put_file(cloud, *(f"user{number}@example.com,User" for number in range(60)))

    assert work(cloud)

    assert counts(cloud) == ("done", 60, 0)
    assert len(names(cloud)) == 60


def test_a_chunk_that_is_done_is_left_alone(cloud: Cloud) -> None:
    put_file(cloud, "ada@example.com,Ada")
    work(cloud)
    before = chunk(cloud), cloud.rows("UsersTable")

    assert work(cloud)

    assert (chunk(cloud), cloud.rows("UsersTable")) == before


def test_of_two_workers_at_once_one_commits_the_counts(cloud: Cloud) -> None:
    put_file(cloud, "ada@example.com,Ada", "nobody,Nobody")
    others: list[bool] = []

    def overtake(**_: object) -> None:
        if not others:
            others.append(False)
            others[0] = work(cloud)

    with hooked("before-call.dynamodb.TransactWriteItems", overtake):
        assert work(cloud)

    assert others == [True]
    assert chunk(cloud)["version"] == 2
    assert (counts(cloud), names(cloud)) == (("done", 1, 1), {"ada@example.com": "Ada"})


def test_a_chunk_whose_rows_others_write_at_this_moment_comes_back(cloud: Cloud) -> None:
    put_file(cloud, "ada@example.com,Ada")

    with conflicting("TransactionConflict"):
        assert not work(cloud)

    assert work(cloud)
    assert counts(cloud) == ("done", 1, 0)


@pytest.mark.parametrize("part", ["chunk#000009", "job"])
def test_a_chunk_that_is_gone_is_no_work(cloud: Cloud, part: str) -> None:
    assert work(cloud, part=part)


def test_a_file_that_is_not_the_planned_one_is_not_imported(cloud: Cloud) -> None:
    put_file(cloud, "ada@example.com,Ada")
    bucket = cloud.name("ImportsBucket")
    aws.s3().put_object(
        Bucket=bucket, Key=f"imports/{JOB}.csv", Body=b"email,name\neve@example.com,E\n"
    )

    assert not work(cloud)

    assert (chunk(cloud)["status"], names(cloud)) == ("pending", {})


def test_a_row_that_was_not_tried_brings_the_chunk_back(cloud: Cloud) -> None:
    put_file(cloud, "ada@example.com,Ada", "grace@example.com,Grace")

    with refusing("dynamodb", "TransactWriteItems", "ProvisionedThroughputExceededException"):
        assert not work(cloud)
    assert chunk(cloud)["status"] == "pending"

    assert work(cloud)
    assert counts(cloud) == ("done", 2, 0)


def test_counts_are_exact_where_there_are_more_errors_than_are_kept(cloud: Cloud) -> None:
    put_file(cloud, *("x" for _ in range(700)))

    assert work(cloud)

    assert counts(cloud) == ("done", 0, 700)
    assert len(errors(cloud)) == 500


def test_no_statement_depends_on_what_a_row_says(cloud: Cloud) -> None:
    put_file(cloud, """ada@example.com,"'; DROP TABLE users"" } ?" """.strip())

    assert work(cloud)

    assert json.dumps(names(cloud)["ada@example.com"]) == '"\'; DROP TABLE users\\" } ?"'
