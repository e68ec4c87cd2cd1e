"""Cancelling imports: whatever the moment, every row is counted once."""

import pytest

from batch_processing.importing import chunks
from tests.answers import body_of, refusal
from tests.architecture import Json
from tests.faults import hooked
from tests.imports import Imports
from tests.moto_cloud import Cloud, Context

CSV = b"email,name\n" + b"".join(b"user%d@example.com,User\n" % number for number in range(9))


def cancel(imports: Imports, job_id: str) -> Json:
    return imports.call("CancelImportFunction", "DELETE", job_id)


def begun(cloud: Cloud) -> tuple[Imports, str]:
    imports = Imports(cloud)
    job_id: str = body_of(imports.start(CSV))["id"]
    return imports, job_id


def test_an_import_whose_file_has_not_come_is_cancelled_at_once(cloud: Cloud) -> None:
    imports, job_id = begun(cloud)

    answer = cancel(imports, job_id)

    assert (answer["statusCode"], body_of(answer)["status"]) == (202, "cancelled")
    imports.arrive(job_id)
    assert imports.finish(job_id)["status"] == "cancelled"


@pytest.mark.parametrize("worked", [0, 1, 4])
def test_of_an_import_that_runs_the_rest_is_left_and_counted(cloud: Cloud, worked: int) -> None:
    imports, job_id = begun(cloud)
    imports.arrive(job_id)
    imports.advance()
    imports.steps(30)
    imports.advance()
    for number in range(1, worked + 1):
        imports.work({"job_id": job_id, "part": f"chunk#{number:06}"})

    assert body_of(cancel(imports, job_id))["status"] == "cancelling"
    job = imports.finish(job_id)

    assert job["status"] == "cancelled"
    counts = {name: n for name, n in job["counts"].items() if n}
    assert counts == {"total": 9} | ({"created": worked} if worked else {}) | {
        "unprocessed": 9 - worked
    }
    files = imports.files(job_id)
    assert len(files["succeeded"].splitlines()) == 1 + worked
    assert files["unprocessed"].splitlines()[1:] == [
        f"user{n}@example.com,User,{n + 1},{n + 2}," for n in range(worked, 9)
    ]
    assert len(imports.users()) == worked


def test_a_chunk_that_was_begun_is_worked_to_its_end(cloud: Cloud) -> None:
    imports, job_id = begun(cloud)
    imports.arrive(job_id)
    imports.advance()
    imports.steps(30)
    first = {"job_id": job_id, "part": "chunk#000001"}
    begun_chunk = imports.row(job_id, "chunk#000001")
    chunks.begin(cloud.name("ImportsTable"), begun_chunk, imports.row(job_id))

    cancel(imports, job_id)
    imports.work(first)

    assert imports.finish(job_id)["counts"]["created"] == 1


def test_an_import_that_is_planned_is_counted_first(cloud: Cloud) -> None:
    imports, job_id = begun(cloud)
    imports.arrive(job_id)
    imports.advance()
    imports.steps(30, context=Context(remaining_millis=0))

    cancel(imports, job_id)
    job = imports.finish(job_id, chunk_bytes=30)

    assert (job["status"], job["counts"]["unprocessed"]) == ("cancelled", 9)
    assert imports.users() == {}


def test_a_cancellation_between_two_looks_of_the_planner_is_not_lost(cloud: Cloud) -> None:
    imports, job_id = begun(cloud)
    imports.arrive(job_id)
    imports.advance()
    done: list[None] = []

    def meanwhile(**_: object) -> None:
        if not done:
            done.append(None)
            cancel(imports, job_id)

    with hooked("before-call.dynamodb.TransactWriteItems", meanwhile):
        imports.steps(30)

    assert imports.finish(job_id)["counts"]["unprocessed"] == 9


def test_cancelling_twice_is_cancelling(cloud: Cloud) -> None:
    imports, job_id = begun(cloud)
    cancel(imports, job_id)

    assert cancel(imports, job_id)["statusCode"] == 202


def test_an_import_that_has_ended_stays_ended(cloud: Cloud) -> None:
    imports = Imports(cloud)
    job = imports.run(CSV)

    assert refusal(cancel(imports, job["id"])) == (409, "import_ended")
    assert refusal(cancel(imports, "job_none")) == (404, "import_not_found")
    assert imports.job(job["id"]) == job
