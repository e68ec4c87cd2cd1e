"""Listing imports."""

from tests.answers import body_of
from tests.architecture import Json
from tests.aws_events import request
from tests.imports import Imports, asking
from tests.moto_cloud import Cloud


def listed(cloud: Cloud, **query: str) -> Json:
    event = asking(request("GET", "/api/users/batch"), query)
    found: Json = body_of(cloud.invoke("ListImportsFunction", event))
    return found


def test_imports_come_by_pages_the_newest_first(cloud: Cloud) -> None:
    imports = Imports(cloud)
    made = [body_of(imports.start(b"x"))["id"] for _ in range(3)]

    first = listed(cloud, page_size="2")
    rest = listed(cloud, page_size="2", page_token=first["next_page_token"])

    found = [each["id"] for each in first["items"] + rest["items"]]
    assert found == made[::-1]
    assert "next_page_token" not in rest


def test_an_ended_import_is_listed_with_its_counts_and_its_chunks_are_not(cloud: Cloud) -> None:
    job = Imports(cloud).run(b"email,name\na@b.co,Ada\nbad,Bob\n", chunk_bytes=1)

    (found,) = listed(cloud)["items"]
    assert found["counts"] == job["counts"]
    assert (found["id"], found["status"]) == (job["id"], "completed_with_errors")
    assert not found.keys() & {"errors", "progress", "plan"}
