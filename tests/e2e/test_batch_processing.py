"""Batch Processing, over HTTP; a worker is killed halfway."""

from typing import Any
from urllib.parse import urljoin

import pytest

from local.api import Answer, Api, until
from local.props import ended
from local.stack import Stack
from tests.e2e.faults import Proxy, kill
from tests.e2e.spy import Spy
from tests.e2e.test_request_response import assert_problem

CSV = {"content-type": "text/csv"}
ENDED = {"completed", "completed_with_errors", "failed"}


def upload(api: Api, text: str) -> Answer:
    return api.call("POST", "/api/users/batch", text.encode(), CSV)


def finished(api: Api, started: Answer, *, within: float = 30) -> dict[str, Any]:
    """Follow the job to its end, from where the Location says."""
    assert started.status == 202
    url = urljoin(f"{api.base_url}/api/users/batch", started.headers["location"])
    path = url.removeprefix(api.base_url)
    return until("the import's end", lambda: ended(api, path, ENDED), within=within)


def users_of(stack: Stack, run: str) -> list[str]:
    """Give the addresses of this run that have a user, by a scan: slow, and sure."""
    pages = (
        stack.client("dynamodb")
        .get_paginator("scan")
        .paginate(TableName=stack.outputs["UsersTableName"], ConsistentRead=True)
    )
    addresses = [item["email"]["S"] for page in pages for item in page["Items"]]
    return [each for each in addresses if run in each]


def test_good_rows_become_users_and_bad_ones_are_named(api: Api, stack: Stack, run: str) -> None:
    text = (
        "name,email\r\n"
        f"Ada,ada.{run}@example.com\r\n"
        f'"Two\r\nlines",bob.{run}@example.com\r\n'
        f"Cy,not an address\r\n"
        f'"Lovelace, ""Ada""",eve.{run}@example.com\r\n'
        f"too,many,fields\r\n"
        f"Ada again,ADA.{run}@example.com\r\n"
    )

    job = finished(api, upload(api, text))

    assert job["status"] == "completed_with_errors"
    assert job["counts"] == {"total": 6, "created": 2, "failed": 4}
    where = [(each["row"], each["line"], each["column"], each["code"]) for each in job["errors"]]
    assert where == [
        (2, 3, "name", "field_invalid"),
        (3, 5, "email", "field_invalid"),
        (5, 7, None, "field_count"),
        (6, 8, "email", "duplicate_in_file"),
    ]
    assert sorted(users_of(stack, run)) == [f"ada.{run}@example.com", f"eve.{run}@example.com"]


def test_an_import_of_users_that_exist_leaves_them_as_they_are(api: Api, run: str) -> None:
    email = f"ada.{run}@example.com"
    user = api.post("/api/users", {"email": email, "name": "Ada"}, expect=201).body

    job = finished(api, upload(api, f"email,name\n{email},Eve\n"))

    assert job["counts"] == {"total": 1, "created": 0, "failed": 1}
    assert job["errors"][0]["code"] == "user_exists"
    assert api.get(f"/api/users/{user['id']}").body == user


def test_imported_users_are_announced_but_not_welcomed(api: Api, run: str, spy: Spy) -> None:
    finished(api, upload(api, f"email,name\nada.{run}@example.com,Ada\n"))

    def announced() -> list[dict[str, Any]] | None:
        events = spy.events(topic="user-events")
        return [each for each in events if run in str(each["data"])] or None

    (event,) = until("the event", announced)
    assert event["type"] == "user.imported"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("email\na@b.co\n", "header_mismatch"),
        ("email,name,name\n", "header_mismatch"),
        ('email,name\n"a@b.co,A\n', "quote_unclosed"),
    ],
)
def test_a_file_that_cannot_be_imported_fails_with_the_reason(
    api: Api, text: str, code: str
) -> None:
    job = finished(api, upload(api, text))

    assert job["status"] == "failed"
    assert job["error"]["code"] == code


def test_a_file_of_a_header_alone_is_completed(api: Api) -> None:
    job = finished(api, upload(api, "email,name\n"))

    assert job["status"] == "completed"
    assert job["counts"] == {"total": 0, "created": 0, "failed": 0}


def test_what_is_no_csv_is_refused(api: Api) -> None:
    answer = api.call("POST", "/api/users/batch", b"{}", {"content-type": "application/json"})
    assert_problem(answer, 415, "unsupported_media_type")
    assert_problem(upload(api, ""), 400, "body_empty")
    assert_problem(api.get("/api/users/batch/job_none"), 404, "import_not_found")


def test_a_worker_killed_halfway_through_a_chunk_loses_no_row_and_counts_none_twice(
    api: Api, stack: Stack, run: str, rows: Proxy
) -> None:
    count = 900
    lines = [f"user{n}.{run}@example.com,User {n}" for n in range(count)]
    inserts = iter(range(1000))
    third_insert = rows.hold(
        lambda operation, body: (
            operation.endswith("TransactWriteItems") and run.encode() in body and next(inserts) == 2
        )
    )

    started = upload(api, "\n".join(["email,name", *lines, "bad row"]))
    assert third_insert.reached.wait(120)
    written = len(users_of(stack, run))
    assert 0 < written < count  # halfway
    assert kill(stack, "ImportChunkFunction") > 0
    third_insert.drop = True
    third_insert.opened.set()

    job = finished(api, started, within=90)
    assert job["counts"] == {"total": count + 1, "created": count, "failed": 1}
    assert len(set(users_of(stack, run))) == count
