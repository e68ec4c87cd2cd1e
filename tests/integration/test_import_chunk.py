"""Importing a chunk, from its bytes to its counts."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from batch_processing.formats.planning import LARGEST_ROW
from interchange import aws, items, store, users
from interchange.trace import Trace
from tests.answers import body_of
from tests.architecture import Json
from tests.faults import conflicting, hooked, refusing
from tests.imports import Imports
from tests.moto_cloud import Cloud, Context

TRACE = Trace("order-7", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
AT = "2026-01-15T09:30:00.000Z"
ADA, GRACE = "ada@example.com,Ada", "grace@example.com,Grace"


def planned(cloud: Cloud, *lines: str, **query: Any) -> tuple[Imports, str]:
    """Give an import of these lines behind a header, planned as one chunk, and the job's id."""
    file = "\n".join(["email,name", *lines, ""]).encode()
    imports = Imports(cloud)
    job_id: str = body_of(imports.start(file, **query))["id"]
    imports.arrive(job_id)
    imports.advance()
    imports.steps()
    return imports, job_id


def work(
    imports: Imports, job_id: str, part: str = "chunk#000001", *, context: Context | None = None
) -> bool:
    """Import a chunk; say whether its message is gone."""
    return imports.work({"job_id": job_id, "part": part}, context=context)


def chunk(imports: Imports, job_id: str) -> Json:
    return imports.row(job_id, "chunk#000001")


def counts(imports: Imports, job_id: str) -> dict[str, int]:
    found = chunk(imports, job_id)
    assert found["status"] == "done"
    return {name: n for name, n in found["counts"].items() if n and name != "total"}


def errors(imports: Imports, job_id: str) -> list[tuple[int, str | None, str]]:
    found = imports.row(job_id, "errors#000001").get("errors", [])
    return [(each["row"], each["column"], each["code"]) for each in found]


def put_user(cloud: Cloud, name: str = "Ada", origin: str = "registered") -> Json:
    user = users.row(email="ada@example.com", name=name, origin=origin, now=AT, trace=TRACE)
    store.put_new(cloud.name("UsersTable"), user)
    return user


def test_every_good_row_is_a_user_that_knows_its_job_and_row(cloud: Cloud) -> None:
    imports, job_id = planned(cloud, "Ada@example.com,Ada", GRACE)

    assert work(imports, job_id)

    found = sorted(map(items.unpack, cloud.rows("UsersTable")), key=lambda each: str(each["email"]))
    assert counts(imports, job_id) == {"created": 2}
    assert [(row["email"], row["import_row"]) for row in found] == [
        ("ada@example.com", 1),
        ("grace@example.com", 2),
    ]
    assert {(row["origin"], row["import_job_id"]) for row in found} == {("imported", job_id)}
    assert found[0]["correlation_id"] == imports.row(job_id)["correlation_id"]


def test_users_whom_the_caller_wants_told_register(cloud: Cloud) -> None:
    imports, job_id = planned(cloud, ADA, notify="true")

    work(imports, job_id)

    assert [each["origin"] for each in cloud.rows("UsersTable")] == [{"S": "registered"}]


def test_every_bad_row_is_refused_with_its_place_and_stops_no_other(cloud: Cloud) -> None:
    bad = ["nobody,Nobody", ADA, "a@b.c", '"x"y,z', "grace@example.com,"]
    imports, job_id = planned(cloud, *bad)

    assert work(imports, job_id)

    assert counts(imports, job_id) == {"created": 1, "failed": 4}
    assert errors(imports, job_id) == [
        (1, "email", "field_invalid"),
        (3, None, "field_count"),
        (4, None, "row_malformed"),
        (5, "name", "field_invalid"),
    ]


def test_what_is_there_is_refused_and_stays_where_rows_create(cloud: Cloud) -> None:
    user = put_user(cloud)
    imports, job_id = planned(cloud, "ADA@example.com,Eve", GRACE, "ada@example.com,Eva")

    assert work(imports, job_id)

    assert counts(imports, job_id) == {"created": 1, "failed": 2}
    assert errors(imports, job_id) == [(1, "email", "user_exists"), (3, "email", "user_exists")]
    assert store.get(cloud.name("UsersTable"), {"id": user["id"]}) == user


@pytest.mark.parametrize(
    ("name", "status", "version"), [("Eve", "updated", 2), ("Ada", "unchanged", 1)]
)
def test_an_upsert_tells_changed_from_unchanged(
    cloud: Cloud, name: str, status: str, version: int
) -> None:
    user = put_user(cloud)
    imports, job_id = planned(cloud, f"ada@example.com,{name}", GRACE, mode="upsert")

    assert work(imports, job_id)

    assert counts(imports, job_id) == {"created": 1, status: 1}
    found = store.get(cloud.name("UsersTable"), {"id": user["id"]}) or {}
    assert (found["name"], found["version"], found["origin"]) == (name, version, "registered")
    assert found["created_at"] == AT


def test_an_upsert_of_what_an_earlier_import_changed_compares_with_that(cloud: Cloud) -> None:
    put_user(cloud)
    for name, status in (("Eve", "updated"), ("Eve", "unchanged"), ("Ada", "updated")):
        imports, job_id = planned(cloud, f"ada@example.com,{name}", mode="upsert")
        assert work(imports, job_id)
        assert counts(imports, job_id) == {status: 1}


def test_a_user_who_changes_in_between_is_looked_at_again(cloud: Cloud) -> None:
    user = put_user(cloud)
    imports, job_id = planned(cloud, "ada@example.com,Eve", mode="upsert")
    calls: list[None] = []

    def rename(**_: object) -> None:
        calls.append(None)
        if len(calls) == 2:
            table, key = cloud.name("UsersTable"), {"id": user["id"]}
            store.update(
                table,
                key,
                "SET #name = :name",
                when="attribute_exists(#id)",
                values={"name": "Eve"},
            )

    with hooked("before-call.dynamodb.TransactWriteItems", rename):
        assert work(imports, job_id)

    assert counts(imports, job_id) == {"unchanged": 1}


def test_a_user_who_is_deleted_in_between_is_created(cloud: Cloud) -> None:
    user = put_user(cloud)
    imports, job_id = planned(cloud, ADA, mode="upsert")
    calls: list[None] = []

    def erase(**_: object) -> None:
        calls.append(None)
        if len(calls) == 2:
            store.delete(cloud.name("UsersTable"), {"id": user["id"]}, when="attribute_exists(#id)")

    with hooked("before-call.dynamodb.TransactWriteItems", erase):
        assert work(imports, job_id)

    assert counts(imports, job_id) == {"created": 1}


@pytest.mark.parametrize("mode", ["create", "upsert"])
def test_an_address_that_comes_twice_is_taken_once(cloud: Cloud, mode: str) -> None:
    imports, job_id = planned(cloud, ADA, "ADA@example.com,Eve", mode=mode)

    assert work(imports, job_id)

    assert counts(imports, job_id) == {"created": 1, "failed": 1}
    assert imports.users() == {"ada@example.com": "Ada"}
    assert errors(imports, job_id) == [(2, "email", "duplicate_in_file")]


def test_more_rows_than_one_request_takes_are_all_imported(cloud: Cloud) -> None:
    imports, job_id = planned(cloud, *(f"user{n}@example.com,User" for n in range(230)))

    assert work(imports, job_id)

    assert counts(imports, job_id) == {"created": 230}
    assert len(imports.users()) == 230


@pytest.mark.parametrize("mode", ["create", "upsert"])
def test_a_dry_run_says_what_would_be_and_writes_no_user(cloud: Cloud, mode: str) -> None:
    user = put_user(cloud)
    lines = ["ada@example.com,Eve", GRACE, GRACE, "bad"]
    imports, job_id = planned(cloud, *lines, mode=mode, dry_run="true")

    assert work(imports, job_id)

    there = {"updated": 1, "failed": 2} if mode == "upsert" else {"failed": 3}
    assert counts(imports, job_id) == {"created": 1} | there
    assert [items.unpack(each) for each in cloud.rows("UsersTable")] == [user]


def test_a_chunk_that_is_done_is_left_alone(cloud: Cloud) -> None:
    imports, job_id = planned(cloud, ADA)
    work(imports, job_id)
    before = cloud.rows("ImportsTable"), cloud.rows("UsersTable")

    assert work(imports, job_id)

    assert (cloud.rows("ImportsTable"), cloud.rows("UsersTable")) == before


def test_of_two_workers_at_once_the_one_who_began_last_commits(cloud: Cloud) -> None:
    imports, job_id = planned(cloud, ADA, "nobody,Nobody")
    others: list[bool] = []

    def overtake(**_: object) -> None:
        if not others:
            others.append(False)
            others[0] = work(imports, job_id)

    with hooked("before-call.dynamodb.TransactWriteItems", overtake):
        assert not work(imports, job_id)  # it comes again, and finds the chunk done

    assert others == [True]
    assert work(imports, job_id)
    assert chunk(imports, job_id)["attempts"] == 2
    assert counts(imports, job_id) == {"created": 1, "failed": 1}


def test_a_chunk_whose_rows_others_write_at_this_moment_comes_back(cloud: Cloud) -> None:
    imports, job_id = planned(cloud, ADA)

    with conflicting("TransactionConflict"):
        assert not work(imports, job_id, context=Context(remaining_millis=0))

    assert work(imports, job_id)
    assert counts(imports, job_id) == {"created": 1}


def test_a_busy_table_is_waited_for_as_long_as_there_is_time(cloud: Cloud) -> None:
    imports, job_id = planned(cloud, ADA)
    tries: list[None] = []

    def count(**_: object) -> None:
        tries.append(None)

    busy = refusing("dynamodb", "TransactWriteItems", "ProvisionedThroughputExceededException")
    with busy, hooked("provide-client-params.dynamodb.TransactWriteItems", count):
        assert not work(imports, job_id, context=Context(remaining_millis=2500))

    assert len(tries) > 3
    assert chunk(imports, job_id)["status"] == "running"
    assert work(imports, job_id)
    assert counts(imports, job_id) == {"created": 1}


@pytest.mark.parametrize("part", ["chunk#000009", "job"])
def test_a_chunk_that_is_gone_is_no_work(cloud: Cloud, part: str) -> None:
    imports, job_id = planned(cloud, ADA)

    assert work(imports, job_id, part)
    assert imports.work({"job_id": "job_none", "part": part})


def replace(imports: Imports, job_id: str) -> None:
    bucket, file = imports.cloud.name("ImportsBucket"), b"email,name\neve@example.com,E\n"
    aws.s3().put_object(Bucket=bucket, Key=f"imports/{job_id}", Body=file)


def delete(imports: Imports, job_id: str) -> None:
    bucket = imports.cloud.name("ImportsBucket")
    aws.s3().delete_object(Bucket=bucket, Key=f"imports/{job_id}")


@pytest.mark.parametrize("lose", [replace, delete])
def test_of_a_file_that_is_not_the_planned_one_the_rows_are_left(
    cloud: Cloud, lose: Callable[[Imports, str], None]
) -> None:
    imports, job_id = planned(cloud, ADA, GRACE)
    lose(imports, job_id)

    assert work(imports, job_id)

    found = chunk(imports, job_id)
    assert (found["status"], found["why"], imports.users()) == ("skipped", "file_changed", {})
    ended = imports.finish(job_id)
    assert (ended["status"], ended["error"]["code"]) == ("failed", "file_changed")
    assert (ended["counts"]["unprocessed"], ended["counts"]["total"]) == (2, 2)
    left = imports.files(job_id)["unprocessed"].splitlines()
    assert left[1:] == [",,1,,", ",,2,,"]


@pytest.mark.parametrize("lose", [replace, delete])
def test_a_file_that_is_lost_once_some_of_it_is_imported_ends_its_job(
    cloud: Cloud, lose: Callable[[Imports, str], None]
) -> None:
    imports = Imports(cloud)
    job_id: str = body_of(imports.start(f"email,name\n{ADA}\n{GRACE}\n".encode()))["id"]
    imports.arrive(job_id)
    imports.advance()
    imports.steps(20)
    assert work(imports, job_id)
    lose(imports, job_id)

    for _ in range(2):  # a retry comes to the same end
        ended = imports.finish(job_id)
        assert (ended["status"], ended["error"]["code"]) == ("failed", "file_changed")
        assert (ended["counts"]["created"], ended["counts"]["unprocessed"]) == (1, 1)
        assert len(imports.files(job_id)["succeeded"].splitlines()) == 2
        imports.call("RetryImportFunction", "POST", job_id)


def test_a_chunk_that_kills_its_workers_is_left_before_its_message_is_lost(cloud: Cloud) -> None:
    imports, job_id = planned(cloud, ADA)

    with refusing("s3", "GetObject", "InternalError", 500):
        tries = [work(imports, job_id) for _ in range(12)]

    assert tries == [False] * 11 + [True]
    assert chunk(imports, job_id)["status"] == "skipped"
    ended = imports.finish(job_id)
    assert (ended["status"], ended["error"]["code"]) == ("failed", "rows_unprocessed")
    assert ended["counts"]["unprocessed"] == 1


def test_counts_are_exact_where_there_are_more_errors_than_are_shown(cloud: Cloud) -> None:
    imports, job_id = planned(cloud, *("x" for _ in range(700)))

    assert work(imports, job_id)

    assert counts(imports, job_id) == {"failed": 700}
    assert len(errors(imports, job_id)) == 100
    assert imports.finish(job_id)["counts"]["failed"] == 700
    assert len(imports.files(job_id)["failed"].splitlines()) == 701


def test_no_statement_depends_on_what_a_row_says(cloud: Cloud) -> None:
    imports, job_id = planned(cloud, """ada@example.com,"'; DROP TABLE users"" } ?" """.strip())

    assert work(imports, job_id)

    name = imports.users()["ada@example.com"]
    assert json.dumps(name) == '"\'; DROP TABLE users\\" } ?"'


def test_a_row_of_the_largest_size_is_a_row_like_any(cloud: Cloud) -> None:
    imports, job_id = planned(cloud, "a@b.co," + "x" * (LARGEST_ROW - 10), ADA)

    assert imports.finish(job_id)["counts"] == {
        "total": 2,
        "created": 1,
        "updated": 0,
        "unchanged": 0,
        "failed": 1,
        "unprocessed": 0,
    }
