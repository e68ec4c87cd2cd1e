"""Beginning to redrive the dead."""

import pytest

from tests.answers import body_of, pointers
from tests.architecture import Json
from tests.moto_cloud import Cloud
from tests.task_rows import call, steering


def redrive(cloud: Cloud, body: Json) -> Json:
    return call(cloud, "RedriveDeadTasksFunction", "POST", "/dead/redrives", body=body)


def test_a_redrive_is_kept_and_can_be_followed_where_the_answer_says(cloud: Cloud) -> None:
    answer = redrive(cloud, {"type": "http_request", "limit": 5, "per_second": 2})

    shown = body_of(answer)
    assert (answer["statusCode"], shown["status"], shown["moved"]) == (202, "queued", 0)
    assert (shown["type"], shown["limit"], shown["per_second"]) == ("http_request", 5, 2)
    assert answer["headers"]["Location"] == f"redrives/{shown['id']}"
    assert [each["id"] for each in steering(cloud, "sweep")] == [shown["id"]]


@pytest.mark.parametrize(
    ("body", "place"),
    [({"limit": 0}, "/limit"), ({"per_second": 1001}, "/per_second"), ({"state": 1}, "/state")],
)
def test_a_redrive_that_means_nothing_is_refused(cloud: Cloud, body: Json, place: str) -> None:
    assert pointers(redrive(cloud, body)) == [place]
    assert steering(cloud, "sweep") == []
