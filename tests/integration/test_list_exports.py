"""Listing exports."""

from tests.answers import body_of
from tests.architecture import Json
from tests.aws_events import request
from tests.exports import PATH, Exports
from tests.imports import asking
from tests.moto_cloud import Cloud


def listed(cloud: Cloud, **query: str) -> Json:
    event = asking(request("GET", PATH), query)
    found: Json = body_of(cloud.invoke("ListExportsFunction", event))
    return found


def test_exports_come_by_pages_the_newest_first(cloud: Cloud) -> None:
    exports = Exports(cloud)
    made = [body_of(exports.start())["id"] for _ in range(3)]

    first = listed(cloud, page_size="2")
    rest = listed(cloud, page_size="2", page_token=first["next_page_token"])

    assert [each["id"] for each in first["items"] + rest["items"]] == made[::-1]
    assert "next_page_token" not in rest


def test_an_ended_export_is_listed_with_its_counts_and_its_segments_are_not(cloud: Cloud) -> None:
    job = Exports(cloud).run()

    (found,) = listed(cloud)["items"]

    assert found == {name: value for name, value in job.items() if name != "progress"} | {
        "version": found["version"]
    }
