"""Batch Processing, over HTTP: exports, and the way back; a worker is killed halfway."""

import csv
import gzip
import io
import json
import os
import urllib.error
import urllib.request
from typing import Any

import pytest

from local.api import Api, until
from local.props import ended
from local.stack import Stack
from tests.e2e.faults import Proxy, intercepted, kill
from tests.e2e.spy import Spy
from tests.e2e.test_batch_processing import counts, finished, upload
from tests.e2e.test_request_response import assert_problem

PATH = "/api/users/exports"
ENDED = {"completed", "failed", "cancelled"}
MANY = int(os.environ.get("ROWS", "200"))  # for the one test that is worth scaling
NAMES = ["=1+1", "'=x", "-5", "+1 2", "@here", "\ufeffBom", "😀 Zoë", 'K "e", n', "a;b", "Ada"]


@pytest.fixture(scope="module")
def rows(stack: Stack) -> Proxy:
    """What stands between the export's worker and DynamoDB."""
    return intercepted(stack, "StepExportFunction", "DYNAMODB")


def put_users(api: Api, run: str, count: int) -> dict[str, str]:
    """Import users at a domain of this run's own; give their names."""
    users = {f"user{n}@{run}.example.com": f"{NAMES[n % 10]} {n}" for n in range(count)}
    lines = "".join(f"{json.dumps({'email': e, 'name': n})}\n" for e, n in users.items())
    job = finished(api, upload(api, lines, "application/x-ndjson"))
    assert job["counts"] == counts(created=count)
    return users


def start(api: Api, run: str, **asked: Any) -> str:
    """Ask for an export of this run's users; give the job's id."""
    wanted = {"email_domain": f"{run}.example.com"}
    return str(api.post(PATH, {"filter": wanted, **asked}, expect=202).body["id"])


def ended_job(api: Api, job_id: str) -> dict[str, Any]:
    path = f"{PATH}/{job_id}"
    return until("the export's end", lambda: ended(api, path, ENDED), within=150)


def fetched(api: Api, job: dict[str, Any]) -> bytes:
    """Fetch the file as a browser does; it has as many bytes as the results say."""
    file = api.get(f"{PATH}/{job['id']}/results").body["file"]
    with urllib.request.urlopen(file["url"], timeout=30) as response:
        data: bytes = response.read()
    assert (len(data), file["rows"]) == (file["bytes"], job["counts"]["exported"])
    return gzip.decompress(data) if job["compression"] else data


def read(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(), newline=""), strict=True))


def test_what_is_exported_is_imported_as_it_was(api: Api, run: str, spy: Spy) -> None:
    users = put_users(api, run, MANY)

    job = ended_job(api, start(api, run, compression="gzip"))

    assert (job["status"], job["counts"]["exported"]) == ("completed", MANY)
    assert job["counts"]["total"] == job["counts"]["filtered"] + MANY
    file = fetched(api, job)
    header, *found = read(file)
    assert (header, len(found)) == (["email", "name"], MANY)
    assert sorted(email for email, _ in found) == sorted(users)
    assert all(name in {users[email], f"'{users[email]}"} for email, name in found)
    assert all(name[0] not in "=+@" for _, name in found)  # no spreadsheet runs any

    again = finished(api, upload(api, file, mode="upsert"))
    assert again["counts"] == counts(unchanged=MANY)

    def told() -> list[dict[str, Any]] | None:
        return spy.events(type="users.export.completed", subject=job["id"]) or None

    (event,) = until("the event", told, within=120)
    assert event["data"] == {"id": job["id"], "status": "completed", "counts": job["counts"]}


def test_who_was_deleted_comes_back_by_an_import_of_the_file(api: Api, run: str) -> None:
    put_users(api, run, 10)
    first = ended_job(api, start(api, run, columns=["id", "email", "name"], format="ndjson"))
    users = [json.loads(each) for each in fetched(api, first).splitlines()]
    lines = fetched(api, ended_job(api, start(api, run, format="ndjson")))
    for user in users:
        assert api.call("DELETE", f"/api/users/{user['id']}").status == 204

    job = finished(api, upload(api, lines, "application/x-ndjson"))

    assert job["counts"] == counts(created=10)
    assert {api.get(f"/api/users/{each['id']}").body["name"] for each in users} == {
        each["name"] for each in users
    }


def test_a_worker_killed_halfway_leaves_no_user_out_and_puts_none_in_twice(
    api: Api, stack: Stack, run: str, rows: Proxy
) -> None:
    users = put_users(api, run, 40)
    commit = rows.hold(lambda operation, _: operation.endswith("TransactWriteItems"))

    job_id = start(api, run)
    assert commit.reached.wait(60)
    assert kill(stack, "StepExportFunction") > 0  # its piece is written, and not committed
    commit.drop = True
    commit.opened.set()

    job = ended_job(api, job_id)
    assert (job["status"], job["counts"]["exported"]) == ("completed", 40)
    found = [email for email, _ in read(fetched(api, job))[1:]]
    assert sorted(found) == sorted(users)


def test_a_cancelled_export_leaves_no_file(api: Api, stack: Stack, run: str, rows: Proxy) -> None:
    put_users(api, run, 3)
    commit = rows.hold(lambda operation, _: operation.endswith("TransactWriteItems"))
    job_id = start(api, run)
    assert commit.reached.wait(60)

    cancelled = api.call("DELETE", f"{PATH}/{job_id}")
    commit.opened.set()

    assert (cancelled.status, cancelled.body["status"]) == (202, "cancelled")
    assert api.call("DELETE", f"{PATH}/{job_id}").status == 202
    assert_problem(api.get(f"{PATH}/{job_id}/results"), 404, "results_not_found")

    def cleared() -> bool | None:
        name, folder = stack.outputs["ExportsBucketName"], f"exports/{job_id}/"
        found = stack.client("s3").list_objects_v2(Bucket=name, Prefix=folder)
        return True if found["KeyCount"] == 0 else None

    until("the end of its pieces", cleared, within=120)


def test_exports_are_listed_and_those_that_ended_stay(api: Api, run: str) -> None:
    job = ended_job(api, start(api, run))

    listed = api.get(f"{PATH}?page_size=100").body["items"]

    (found,) = [each for each in listed if each["id"] == job["id"]]
    assert found["counts"] == job["counts"]
    assert read(fetched(api, job)) == [["email", "name"]]
    assert_problem(api.call("DELETE", f"{PATH}/{job['id']}"), 409, "export_ended")


def test_what_cannot_be_exported_is_refused(api: Api) -> None:
    problem = api.post(
        PATH, {"columns": ["email", "password"], "filter": {"name": "x"}}, expect=422
    )

    assert_problem(problem, 422, "validation_failed")
    pointers = {each["pointer"] for each in problem.body["errors"]}
    assert pointers == {"/columns/1", "/filter/name"}
    assert_problem(api.get(f"{PATH}/job_none"), 404, "export_not_found")


def test_a_url_that_was_tampered_with_opens_nothing(api: Api, run: str) -> None:
    job = ended_job(api, start(api, run))
    url = api.get(f"{PATH}/{job['id']}/results").body["file"]["url"]

    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(url.replace("users.csv", "users.csv.gz"), timeout=10)

    assert refused.value.code == 403
    refused.value.close()
