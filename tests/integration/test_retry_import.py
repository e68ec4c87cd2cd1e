"""Resuming imports: what was left is worked off, and nothing else again."""

import json
from typing import Any

import pytest

from tests.answers import body_of, refusal
from tests.architecture import Json
from tests.aws_events import request
from tests.imports import Imports, asking
from tests.moto_cloud import Cloud

CSV = b"email,name\n" + b"".join(b"user%d@example.com,User\n" % number for number in range(9))


def retry(imports: Imports, job_id: str, *, key: str | None = None, **query: Any) -> Json:
    headers = {"Idempotency-Key": key} if key else {}
    path = "/api/users/batch/{job_id}/retries"
    event = asking(request("POST", path, headers=headers, job_id=job_id), query)
    answer: Json = imports.cloud.invoke("RetryImportFunction", event)
    return answer


def cancelled(cloud: Cloud, file: bytes = CSV) -> tuple[Imports, str]:
    """Give an import that was cancelled behind its second chunk of nine."""
    imports = Imports(cloud)
    job_id: str = body_of(imports.start(file))["id"]
    imports.arrive(job_id)
    imports.advance()
    imports.steps(30)
    imports.advance()
    for number in (1, 2):
        imports.work({"job_id": job_id, "part": f"chunk#{number:06}"})
    imports.call("CancelImportFunction", "DELETE", job_id)
    assert imports.finish(job_id)["counts"]["unprocessed"] == 7
    return imports, job_id


def test_what_was_left_is_worked_off(cloud: Cloud) -> None:
    imports, job_id = cancelled(cloud)
    first = cloud.rows("UsersTable")

    answer = retry(imports, job_id)

    assert (answer["statusCode"], answer["headers"]["Location"]) == (202, f"../{job_id}")
    assert body_of(answer)["status"] == "running"
    job = imports.finish(job_id)
    assert (job["status"], job["counts"]["created"], job["counts"]["total"]) == ("completed", 9, 9)
    assert [each for each in cloud.rows("UsersTable") if each in first] == first
    assert len(imports.files(job_id)["succeeded"].splitlines()) == 10


def test_each_end_is_told(cloud: Cloud) -> None:
    imports, job_id = cancelled(cloud)
    retry(imports, job_id)
    imports.finish(job_id)

    events = [json.loads(each["Body"]) for each in cloud.messages("EventLogQueue")]
    ends = {each["id"]: each for each in events if each["type"] == "users.import.completed"}
    told = sorted((each["data"]["round"], each["data"]["status"]) for each in ends.values())
    assert told == [(1, "cancelled"), (2, "completed")]


def test_a_resumed_import_can_be_cancelled_and_resumed_again(cloud: Cloud) -> None:
    imports, job_id = cancelled(cloud)
    retry(imports, job_id)
    imports.advance()
    imports.work({"job_id": job_id, "part": "chunk#000003"})
    imports.call("CancelImportFunction", "DELETE", job_id)
    assert imports.finish(job_id)["counts"]["unprocessed"] == 6

    retry(imports, job_id)

    assert imports.finish(job_id)["counts"]["created"] == 9


def test_too_many_errors_stop_an_import_and_a_retry_goes_on(cloud: Cloud) -> None:
    file = b"email,name\n" + b"bad,Bob\n" * 8 + CSV[11:]
    imports = Imports(cloud)
    job_id = body_of(imports.start(file, max_errors="3"))["id"]
    imports.arrive(job_id)
    imports.advance()
    imports.steps(30)
    imports.advance()
    for number in (1, 2):
        imports.work({"job_id": job_id, "part": f"chunk#{number:06}"})

    job = imports.finish(job_id)

    assert (job["status"], job["error"]["code"]) == ("failed", "too_many_errors")
    assert job["counts"]["failed"] > 3
    assert job["counts"]["unprocessed"] > 0
    assert job["counts"]["total"] == 17
    retry(imports, job_id)
    ended = imports.finish(job_id)
    assert (ended["status"], ended["counts"]["created"]) == ("completed_with_errors", 9)
    assert ended["counts"]["failed"] == 8


@pytest.mark.parametrize(("limit", "status"), [("10%", "failed"), ("50%", "completed_with_errors")])
def test_a_percentage_is_of_all_rows(cloud: Cloud, limit: str, status: str) -> None:
    file = b"email,name\nbad,Bob\nbad,Bob\n" + CSV[11:]

    assert Imports(cloud).run(file, max_errors=limit)["status"] == status


def test_the_same_retry_twice_is_one(cloud: Cloud) -> None:
    imports, job_id = cancelled(cloud)

    first, again = retry(imports, job_id, key="k"), retry(imports, job_id, key="k")

    assert body_of(first) == body_of(again)
    assert imports.row(job_id)["round"] == 2


def test_where_nothing_is_left_nothing_is_resumed(cloud: Cloud) -> None:
    imports = Imports(cloud)
    job = imports.run(CSV)

    assert refusal(retry(imports, job["id"])) == (409, "nothing_to_resume")
    assert refusal(retry(imports, "job_none")) == (404, "import_not_found")
    assert refusal(retry(imports, job["id"], max_errors="x")) == (400, "bad_query")
