"""Batch Processing, over HTTP; a worker is killed halfway."""

import csv
import gzip
import io
import json
import os
import tempfile
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin

import pytest

from local import import_file
from local.api import Answer, Api, until
from local.props import ended
from local.stack import Stack
from tests.e2e.faults import Proxy, kill
from tests.e2e.spy import Spy
from tests.e2e.test_request_response import assert_problem

MANY = int(os.environ.get("ROWS", "200"))  # for the one test that is worth scaling
LONG = ("User " * 40).strip()  # a few hundred rows make several chunks then
ENDED = {"completed", "completed_with_errors", "failed", "cancelled"}


def upload(api: Api, data: str | bytes, media: str = "text/csv", **query: str) -> Answer:
    body = data.encode() if isinstance(data, str) else data
    path = f"/api/users/batch?{urlencode(query)}" if query else "/api/users/batch"
    return api.call("POST", path, body, {"content-type": media})


def path_of(api: Api, started: Answer) -> str:
    """Give the job's path, from where the Location says."""
    url = urljoin(f"{api.base_url}/api/users/batch", started.headers["location"])
    return str(url.removeprefix(api.base_url))


def finished(api: Api, started: Answer, *, within: float = 150) -> dict[str, Any]:
    """Follow the job to its end."""
    assert started.status == 202, started.body
    path = path_of(api, started)
    return until("the import's end", lambda: ended(api, path, ENDED), within=within)


def counts(**given: int) -> dict[str, int]:
    names = ("created", "updated", "unchanged", "failed", "unprocessed")
    found = {name: given.get(name, 0) for name in names}
    return {"total": sum(found.values()), **found}


def files(api: Api, job: dict[str, Any]) -> dict[str, list[str]]:
    """Fetch the three result files; their rows' numbers are those that the job counts."""
    results = api.get(f"/api/users/batch/{job['id']}/results").body
    found = {}
    for kind in ("succeeded", "failed", "unprocessed"):
        with urllib.request.urlopen(results[kind]["url"], timeout=10) as response:
            text = response.read().decode()
        found[kind] = text.splitlines()
        assert len(list(csv.reader(io.StringIO(text, newline="")))) == results[kind]["rows"] + 1
    return found


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
    assert job["counts"] == counts(created=2, failed=4)
    where = [(each["row"], each["line"], each["column"], each["code"]) for each in job["errors"]]
    assert where == [
        (2, 3, "name", "field_invalid"),
        (3, 5, "email", "field_invalid"),
        (5, 7, None, "field_count"),
        (6, 8, "email", "duplicate_in_file"),
    ]
    assert sorted(users_of(stack, run)) == [f"ada.{run}@example.com", f"eve.{run}@example.com"]
    found = files(api, job)
    assert [each.split(",")[-2] for each in found["succeeded"][1:]] == ["created", "created"]
    assert found["failed"][0] == "name,email,_row,_line,_column,_code,_detail,_text"


def test_what_has_failed_is_mended_and_uploaded_again(api: Api, stack: Stack, run: str) -> None:
    job = finished(api, upload(api, f"email,name\nada {run}@example.com,Ada\n"))

    mended = "\n".join(files(api, job)["failed"]).replace(f"ada {run}", f"ada.{run}")
    again = finished(api, upload(api, mended))

    assert (again["status"], again["counts"]) == ("completed", counts(created=1))
    assert users_of(stack, run) == [f"ada.{run}@example.com"]


@pytest.mark.parametrize("mode", ["create", "upsert"])
def test_users_who_exist_stay_or_are_changed(api: Api, run: str, mode: str, spy: Spy) -> None:
    email = f"ada.{run}@example.com"
    user = api.post("/api/users", {"email": email, "name": "Ada"}, expect=201).body
    text = f"email,name\n{email},Eve\nnew.{run}@example.com,New\n"

    tried = finished(api, upload(api, text, mode=mode, dry_run="true"))
    assert api.get(f"/api/users/{user['id']}").body == user
    job = finished(api, upload(api, text, mode=mode))

    assert job["counts"] == tried["counts"]
    found = api.get(f"/api/users/{user['id']}").body
    if mode == "create":
        assert job["counts"] == counts(created=1, failed=1)
        assert (job["errors"][0]["code"], found) == ("user_exists", user)
    else:
        assert job["counts"] == counts(created=1, updated=1)
        assert (found["name"], found["version"]) == ("Eve", 2)
        told = {"type": "user.updated", "subject": user["id"]}
        assert until("the event", lambda: spy.events(**told) or None)[0]["data"] == found
        again = finished(api, upload(api, text, mode=mode))
        assert again["counts"] == counts(unchanged=2)


def test_json_is_read_as_an_array_and_as_lines(api: Api, run: str) -> None:
    rows = [{"email": f"{name}.{run}@example.com", "name": name} for name in ("ada", "bob")]
    lines = "".join(f"{json.dumps(each)}\n" for each in rows)

    first = finished(api, upload(api, json.dumps(rows), "application/json"))
    again = finished(api, upload(api, lines, "application/x-ndjson", mode="upsert"))

    assert (first["counts"], again["counts"]) == (counts(created=2), counts(unchanged=2))
    assert first["file"]["format"] == again["file"]["format"] == "ndjson"


def test_gzip_and_other_encodings_are_read(api: Api, run: str) -> None:
    """By form: the emulator's gateway mangles a body that is not UTF-8, where AWS's does not."""
    table = f"email;name\r\nzoe.{run}@example.com;Zoë\r\n"

    found = [
        by_form(api, gzip.compress(table.encode())),
        by_form(api, f"\ufeff{table}".encode("utf-16-le")),
        by_form(api, table.encode("cp1252"), encoding="windows-1252"),
    ]

    assert [each["counts"] for each in found] == [
        counts(created=1),
        counts(unchanged=1),
        counts(unchanged=1),
    ]
    told = [(each["file"]["compression"], each["file"]["encoding"]) for each in found]
    assert told == [("gzip", "utf-8"), (None, "utf-16-le"), (None, "windows-1252")]


def test_a_bomb_ends_its_job(api: Api) -> None:
    job = by_form(api, gzip.compress(bytes(20_000_000)))

    assert (job["status"], job["error"]["code"]) == ("failed", "gzip_bomb")


def by_form(api: Api, file: bytes, **query: str) -> dict[str, Any]:
    """Import a file by S3's form, to its end."""
    path = f"/api/users/batch/uploads?{urlencode({'mode': 'upsert', **query})}"
    job = api.post(path, {}, expect=201).body
    assert send(job["upload"], file) in {200, 204}
    return until("the end", lambda: ended(api, f"/api/users/batch/{job['id']}", ENDED), within=150)


def test_imported_users_are_announced_but_not_welcomed(api: Api, run: str, spy: Spy) -> None:
    finished(api, upload(api, f"email,name\nada.{run}@example.com,Ada\n"))
    finished(api, upload(api, f"email,name\nbob.{run}@example.com,Bob\n", notify="true"))

    def announced() -> list[dict[str, Any]] | None:
        events = spy.events(topic="user-events", source="/api/users")
        found = [each for each in events if run in str(each["data"])]
        return found if len(found) == 2 else None

    types = {each["data"]["name"]: each["type"] for each in until("the events", announced)}
    assert types == {"Ada": "user.imported", "Bob": "user.registered"}


def test_the_end_of_an_import_is_told_once(api: Api, run: str, spy: Spy) -> None:
    job = finished(api, upload(api, f"email,name\nada.{run}@example.com,Ada\nbad,Bob\n"))

    def told() -> list[dict[str, Any]] | None:
        return spy.events(type="users.import.completed", subject=job["id"]) or None

    (event,) = until("the event", told)
    assert event["data"] == {
        **{name: job[name] for name in ("id", "mode", "dry_run", "status", "counts")},
        "round": 1,
    }


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"email\na@b.co\n", "header_mismatch"),
        (b"email,name,name\n", "header_mismatch"),
        (b'email,name\n"a@b.co,A\n', "quote_unclosed"),
    ],
)
def test_a_file_that_cannot_be_imported_fails_with_the_reason(
    api: Api, data: bytes, code: str
) -> None:
    job = finished(api, upload(api, data))

    assert job["status"] == "failed"
    assert job["error"]["code"] == code
    assert_problem(api.get(f"/api/users/batch/{job['id']}/results"), 404, "results_not_found")


def test_a_file_of_a_header_alone_is_completed(api: Api) -> None:
    job = finished(api, upload(api, "email,name\n"))

    assert job["status"] == "completed"
    assert job["counts"] == counts()


def test_what_are_no_rows_is_refused(api: Api) -> None:
    assert_problem(upload(api, "<a/>", "application/xml"), 415, "unsupported_media_type")
    assert_problem(upload(api, "{}", "application/json"), 400, "malformed_json")
    assert_problem(upload(api, "x", dryrun="true"), 400, "bad_query")
    assert_problem(upload(api, ""), 400, "body_empty")
    assert_problem(api.get("/api/users/batch/job_none"), 404, "import_not_found")


def send(form: dict[str, Any], file: bytes, **fields: str) -> int:
    """Send a form as a browser does; give the status."""
    with tempfile.NamedTemporaryFile() as kept:
        kept.write(file)
        kept.flush()
        return import_file.uploaded(form, Path(kept.name), **fields)


def test_a_large_file_goes_to_s3_by_a_form_and_its_arrival_starts_the_import(
    api: Api, stack: Stack, run: str
) -> None:
    waiting = api.post("/api/users/batch/uploads?mode=upsert", {}, expect=201)
    job, form = waiting.body, waiting.body["upload"]
    path = f"/api/users/batch/{job['id']}"
    assert ended(api, path, ENDED) is None

    rows = "".join(f"user{n}.{run}@example.com,{LONG}\n" for n in range(200))
    assert send(form, f"email,name\n{rows}".encode(), **{"Content-Type": "text/html"}) == 403
    assert send(form, f"email,name\n{rows}".encode(), key="imports/other") == 403
    assert send(form, b"") in {400, 403}
    assert send(form, f"email,name\n{rows}".encode()) in {200, 204}

    *_, found = import_file.followed(api, job["id"])
    assert (found["status"], found["mode"]) == ("completed", "upsert")
    assert found["counts"] == counts(created=200)
    assert found["progress"]["chunks"] > 1
    assert len(users_of(stack, run)) == 200


def test_a_worker_killed_halfway_through_a_chunk_loses_no_row_and_counts_none_twice(
    api: Api, stack: Stack, run: str, rows: Proxy
) -> None:
    count = 250
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

    job = finished(api, started)
    assert job["counts"] == counts(created=count, failed=1)
    assert len(set(users_of(stack, run))) == count
    assert len(files(api, job)["succeeded"]) == count + 1


def test_an_import_is_cancelled_and_resumed(api: Api, run: str, rows: Proxy) -> None:
    waiting = api.post("/api/users/batch/uploads", {}, expect=201).body
    path, job_id = f"/api/users/batch/{waiting['id']}", waiting["id"].encode()
    look = rows.hold(  # a worker's look at the job: held back, it finds a job that was cancelled
        lambda operation, body: (
            operation.endswith("GetItem") and job_id in body and b'"job"' in body
        )
    )
    lines = "".join(f"user{n}.{run}@example.com,{LONG}\n" for n in range(MANY))
    assert send(waiting["upload"], f"email,name\n{lines}".encode()) in {200, 204}
    assert look.reached.wait(120)

    cancelled = api.call("DELETE", path)
    look.opened.set()

    assert (cancelled.status, cancelled.body["status"]) == (202, "cancelling")
    within = 150 + MANY / 50
    job = until("the end", lambda: ended(api, path, ENDED), within=within)
    assert (job["status"], job["counts"]["total"]) == ("cancelled", MANY)
    assert job["counts"] == counts(
        created=job["counts"]["created"], unprocessed=job["counts"]["unprocessed"]
    )
    assert job["counts"]["unprocessed"] > 0
    files(api, job)

    assert api.call("POST", f"{path}/retries").status == 202
    job = until("the end", lambda: ended(api, path, {"completed"}), within=within)
    assert job["counts"] == counts(created=MANY)
    assert_problem(api.call("DELETE", path), 409, "import_ended")
    assert_problem(api.call("POST", f"{path}/retries"), 409, "nothing_to_resume")


def test_too_many_errors_stop_an_import(api: Api) -> None:
    job = finished(api, upload(api, "email,name\n" + "bad,Bob\n" * 50, max_errors="10%"))

    assert (job["status"], job["error"]["code"]) == ("failed", "too_many_errors")
    assert job["counts"]["failed"] + job["counts"]["unprocessed"] == 50


def test_imports_are_listed_the_newest_first(api: Api) -> None:
    first, second = (finished(api, upload(api, "email,name\n"))["id"] for _ in range(2))

    page = api.get("/api/users/batch?page_size=2").body

    assert [each["id"] for each in page["items"]] == [second, first]
    assert page["next_page_token"]


def test_the_same_file_arrives_three_times_at_once_and_is_one_import(
    api: Api, stack: Stack, run: str
) -> None:
    started = upload(api, f"email,name\nada.{run}@example.com,Ada\n")
    name, key = stack.outputs["ImportsBucketName"], f"imports/{started.body['id']}"
    s3 = stack.client("s3")
    file = f"email,name\nada.{run}@example.com,Ada\n".encode()
    for _ in range(3):  # the same bytes, so the same file; each is an event of its own
        s3.put_object(Bucket=name, Key=key, Body=file)

    job = finished(api, started)

    assert job["counts"] == counts(created=1)
