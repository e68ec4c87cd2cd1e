"""Result files: exactly the rows, and ready to be mended and uploaded again."""

import csv
import io
import json

import pytest

from tests.answers import body_of, refusal
from tests.imports import Imports
from tests.moto_cloud import Cloud

FILE = b'name;email\nAda;ada@b.co\n"O;K";nobody\n"x"y;z\n\n=Eve;eve@b.co\nA;ADA@b.co\n\xff;f@b.co\n'


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";", strict=True))


def test_three_files_can_be_fetched_for_some_minutes(cloud: Cloud) -> None:
    imports = Imports(cloud)
    job = imports.run(FILE, chunk_bytes=20)

    found = body_of(imports.call("GetResultsFunction", "GET", job["id"]))

    assert {kind: found[kind]["rows"] for kind in ("succeeded", "failed", "unprocessed")} == {
        "succeeded": 2,
        "failed": 4,
        "unprocessed": 0,
    }
    assert f"results/{job['id']}/1/failed.csv" in found["failed"]["url"]
    assert "X-Amz-Signature" in found["failed"]["url"]
    assert "X-Amz-Expires=900" in found["failed"]["url"]


def test_the_files_have_exactly_the_rows_in_their_own_columns(cloud: Cloud) -> None:
    imports = Imports(cloud)
    job = imports.run(FILE, chunk_bytes=20)

    files = imports.files(job["id"])

    good, bad = table(files["succeeded"]), table(files["failed"])
    assert [(each["name"], each["_row"], each["_status"]) for each in good] == [
        ("Ada", "1", "created"),
        ("'=Eve", "5", "created"),
    ]
    assert [(each["_row"], each["_line"], each["_column"], each["_code"]) for each in bad] == [
        ("2", "3", "email", "field_invalid"),
        ("3", "4", "", "row_malformed"),
        ("6", "7", "email", "duplicate_in_file"),
        ("7", "8", "name", "not_utf8"),
    ]
    assert [each["_text"] for each in bad] == ["", '"x"y;z', "", "\\xff;f@b.co"]
    assert files["failed"].startswith("name;email;_row;_line;_column;_code;_detail;_text\n")


def test_what_has_failed_is_mended_and_uploaded_again_as_it_is(cloud: Cloud) -> None:
    imports = Imports(cloud)
    job = imports.run(b"email,name\nada@b.co,Ada\nnobody,=Bob\n")

    mended = imports.files(job["id"])["failed"].replace("nobody", "bob@b.co")
    again = imports.run(mended.encode())

    assert (again["status"], again["counts"]["created"]) == ("completed", 1)
    assert imports.users() == {"ada@b.co": "Ada", "bob@b.co": "=Bob"}


def test_of_an_import_of_json_the_files_are_lines_of_json(cloud: Cloud) -> None:
    imports = Imports(cloud)
    rows = [{"email": "a@b.co", "name": "Ada"}, {"email": "x", "name": "Bob"}, [1]]
    media = {"Content-Type": "application/json"}
    job = imports.run(json.dumps(rows).encode(), headers=media)

    files = imports.files(job["id"])
    bad = [json.loads(each) for each in files["failed"].splitlines()]

    assert [(each["_row"], each["_code"], each["_text"]) for each in bad] == [
        (2, "field_invalid", ""),
        (3, "row_malformed", "[1]"),
    ]
    assert {"email": "x", "name": "Bob"}.items() <= bad[0].items()
    mended = files["failed"].replace('"x"', '"b@b.co"').splitlines()[0]
    lines = {"Content-Type": "application/x-ndjson"}
    assert imports.run(mended.encode(), headers=lines)["counts"]["created"] == 1


@pytest.mark.parametrize("file", [b"email\n", b"email,name\n"])
def test_an_import_without_rows_has_empty_files_or_none(cloud: Cloud, file: bytes) -> None:
    imports = Imports(cloud)
    job = imports.run(file)

    answer = imports.call("GetResultsFunction", "GET", job["id"])

    if job["status"] == "failed":
        assert refusal(answer) == (404, "results_not_found")
    else:
        assert [len(each.splitlines()) for each in imports.files(job["id"]).values()] == [1, 1, 1]


def test_results_are_there_at_the_end_and_not_before(cloud: Cloud) -> None:
    imports = Imports(cloud)
    job_id = body_of(imports.start(FILE))["id"]

    answer = imports.call("GetResultsFunction", "GET", job_id)

    assert refusal(answer) == (409, "results_not_ready")
    unknown = imports.call("GetResultsFunction", "GET", "job_none")
    assert refusal(unknown) == (404, "import_not_found")
