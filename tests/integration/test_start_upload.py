"""Giving out forms for uploads."""

import base64
import json
from typing import Any

import pytest

from batch_processing import start_upload
from interchange import aws, clock
from tests.answers import body_of, pointers, refusal
from tests.architecture import Json
from tests.aws_events import request
from tests.imports import Imports, asking
from tests.moto_cloud import Cloud


def start(cloud: Cloud, body: Any = None, **query: Any) -> Json:
    event = asking(request("POST", "/api/users/batch/uploads", body=body or {}), query)
    answer: Json = cloud.invoke("StartUploadFunction", event)
    return answer


def test_a_form_names_one_key_one_type_and_a_size(cloud: Cloud) -> None:
    answer = start(cloud)

    job = body_of(answer)
    form = job["upload"]
    policy = json.loads(base64.b64decode(form["fields"]["policy"]))
    assert answer["statusCode"] == 201
    assert answer["headers"]["Location"] == job["id"]
    assert form["fields"]["key"] == f"imports/{job['id']}"
    assert form["fields"]["x-amz-algorithm"] == "AWS4-HMAC-SHA256"
    assert {"Content-Type": "text/csv"} in policy["conditions"]
    assert ["content-length-range", 1, start_upload.LARGEST] in policy["conditions"]
    left = clock.parse(form["expires_at"]) - clock.parse(job["created_at"])
    assert left.total_seconds() == 3600


def test_a_job_waits_for_the_file_with_what_was_asked(cloud: Cloud) -> None:
    job = body_of(start(cloud, {"content_type": "application/x-ndjson"}, mode="upsert"))

    found = Imports(cloud).job(job["id"])
    assert (found["status"], found["mode"]) == ("awaiting_upload", "upsert")
    assert found["file"]["format"] == "ndjson"


def test_an_uploaded_file_is_imported(cloud: Cloud) -> None:
    job = body_of(start(cloud))
    imports, bucket = Imports(cloud), cloud.name("ImportsBucket")
    file = b"email,name\na@b.co,Ada\n"
    aws.s3().put_object(Bucket=bucket, Key=job["upload"]["fields"]["key"], Body=file)

    imports.arrive(job["id"], times=3)

    assert imports.finish(job["id"])["counts"]["created"] == 1


@pytest.mark.parametrize(
    ("body", "pointer"),
    [({"content_type": "text/html"}, "/content_type"), ({"name": "users.csv"}, "/name")],
)
def test_another_kind_of_file_is_refused(cloud: Cloud, body: Json, pointer: str) -> None:
    assert pointers(start(cloud, body)) == [pointer]


def test_an_option_that_is_none_is_refused(cloud: Cloud) -> None:
    assert refusal(start(cloud, mode="replace")) == (400, "bad_query")
    assert cloud.rows("ImportsTable") == []
