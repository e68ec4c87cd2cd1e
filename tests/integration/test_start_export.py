"""Asking for an export."""

import time
from typing import Any

import pytest

from tests.answers import body_of, pointers, refusal
from tests.architecture import parameters
from tests.exports import Exports, put_users
from tests.faults import conflicting, refusing
from tests.moto_cloud import Cloud

DAY = 24 * 3600


def test_a_job_is_taken_on_with_its_segments_and_can_be_followed(cloud: Cloud) -> None:
    put_users(cloud, "Ada", "Bob")
    exports = Exports(cloud, segments=3)

    answer = exports.start()

    job = body_of(answer)
    assert answer["statusCode"] == 202
    assert answer["headers"]["Location"] == f"exports/{job['id']}"
    assert answer["headers"]["Retry-After"] == "1"
    assert (job["status"], job["columns"], job["format"]) == ("running", ["email", "name"], "csv")
    assert (job["compression"], job["filter"]) == (None, {})
    assert job["counts"] == {"total": 0, "exported": 0, "filtered": 0}
    assert job["progress"]["segments"] == 3
    row = exports.row(job["id"])
    assert (row["expected"], len(cloud.rows("ExportsTable"))) == (2, 4)
    days = int(parameters()["ExportDays"])
    assert abs(row["expires_epoch"] - time.time() - days * DAY) < 60


def test_what_was_asked_for_is_in_the_job_in_one_form(cloud: Cloud) -> None:
    window = {"created_from": "2026-01-15T10:30:00+01:00", "email_domain": "Example.COM"}

    job = body_of(Exports(cloud).start(columns=["version", "id"], format="ndjson", filter=window))

    assert job["columns"] == ["version", "id"]
    assert job["filter"] == {
        "created_from": "2026-01-15T09:30:00.000Z",
        "email_domain": "example.com",
    }


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({"columns": []}, "/columns"),
        ({"columns": ["email", "password"]}, "/columns/1"),
        ({"columns": ["email", "email"]}, "/columns"),
        ({"columns": "email"}, "/columns"),
        ({"format": "xlsx"}, "/format"),
        ({"compression": "zip"}, "/compression"),
        ({"filter": {"name": "Ada"}}, "/filter/name"),
        ({"filter": {"origin": "other"}}, "/filter/origin"),
        ({"filter": {"email_domain": "a@b.co"}}, "/filter/email_domain"),
        ({"filter": {"created_from": "yesterday"}}, "/filter/created_from"),
        (
            {
                "filter": {
                    "created_from": "2026-01-02T00:00:00Z",
                    "created_to": "2026-01-01T00:00:00Z",
                }
            },
            "/filter/created_from",
        ),
        ({"limit": 5}, "/limit"),
    ],
)
def test_what_cannot_be_exported_is_pointed_at(
    cloud: Cloud, asked: dict[str, Any], pointer: str
) -> None:
    assert pointers(Exports(cloud).start(**asked)) == [pointer]
    assert cloud.rows("ExportsTable") == []


def test_the_same_request_twice_is_one_job(cloud: Cloud) -> None:
    exports = Exports(cloud)
    first, again = (exports.start(key="key-1") for _ in range(2))

    assert body_of(first) == body_of(again)
    assert len(cloud.rows("ExportsTable")) == 3


def test_a_request_that_died_before_its_answer_makes_no_second_job(cloud: Cloud) -> None:
    """The claim was given back, and the job is there."""
    exports = Exports(cloud)
    with refusing("dynamodb", "TransactWriteItems", "InternalServerError", 500):
        assert refusal(exports.start(key="key-1"))[0] in {500, 503}
    first = body_of(exports.start(key="key-1"))
    for row in cloud.rows("IdempotencyTable"):
        assert first["id"].removeprefix("job_") == row["seed"]["S"]

    with conflicting("ConditionalCheckFailed", "ConditionalCheckFailed", "ConditionalCheckFailed"):
        answer = exports.start()

    assert answer["statusCode"] in {202, 500}
    assert len(cloud.rows("ExportsTable")) == 3
