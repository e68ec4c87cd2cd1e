"""Taking rows: CSV, JSON and lines of JSON, gzip or not."""

import gzip
import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from batch_processing import files
from interchange import aws
from tests.answers import body_of, refusal
from tests.architecture import Json, parameters
from tests.faults import refusing
from tests.imports import Imports
from tests.moto_cloud import Cloud

CSV = b"\xef\xbb\xbfemail,name\r\nada@example.com,Ada\r\n\xff"
DAY = 24 * 3600


def start(
    cloud: Cloud, body: bytes = CSV, media: str = "text/csv; charset=utf-8", **query: Any
) -> Json:
    return Imports(cloud).start(body, headers={"Content-Type": media}, **query)


def kept(cloud: Cloud, answer: Json) -> bytes:
    """Give the bytes of the job's file."""
    key = f"imports/{body_of(answer)['id']}"
    stored = aws.s3().get_object(Bucket=cloud.name("ImportsBucket"), Key=key)
    return bytes(stored["Body"].read())


def jobs(cloud: Cloud) -> list[Json]:
    return [each for each in cloud.rows("ImportsTable") if each["kind"] == {"S": "job"}]


def test_a_file_is_kept_as_sent_and_its_job_can_be_followed(cloud: Cloud) -> None:
    answer = start(cloud)

    job = body_of(answer)
    assert answer["statusCode"] == 202
    assert answer["headers"]["Location"] == f"batch/{job['id']}"
    assert answer["headers"]["Retry-After"] == "1"
    assert (job["status"], job["mode"]) == ("awaiting_upload", "create")
    assert job["file"]["format"] == "csv"
    assert kept(cloud, answer) == CSV


def test_what_was_asked_for_is_in_the_job(cloud: Cloud) -> None:
    asked: Json = {"mode": "upsert", "dry_run": "true", "notify": "true", "max_errors": "5%"}
    job = body_of(start(cloud, **asked, encoding="windows-1252", delimiter="tab"))

    shown = {name: job[name] for name in asked}
    assert shown == {"mode": "upsert", "dry_run": True, "notify": True, "max_errors": "5%"}
    assert job["file"]["encoding"] == "windows-1252"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("mode", "replace"),
        ("mode", ""),
        ("dry_run", "yes"),
        ("dryrun", "true"),
        ("notify", "1"),
        ("max_errors", "-1"),
        ("max_errors", "101%"),
        ("max_errors", "5.5%"),
        ("delimiter", ","),
        ("encoding", "utf-7"),
    ],
)
def test_an_option_that_is_none_is_refused(cloud: Cloud, name: str, value: str) -> None:
    option: Json = {name: value}

    assert refusal(start(cloud, **option)) == (400, "bad_query")
    assert jobs(cloud) == []


def test_an_array_is_kept_as_lines(cloud: Cloud) -> None:
    rows = [{"email": "a@b.co", "name": "Ada"}, [1], "x\ny"]
    answer = start(cloud, json.dumps(rows, indent=1).encode(), "application/json")

    assert [json.loads(each) for each in kept(cloud, answer).splitlines()] == rows
    assert body_of(answer)["file"]["format"] == "ndjson"


def test_an_array_may_be_compressed_within_bounds(cloud: Cloud) -> None:
    answer = start(cloud, gzip.compress(b"[1, 2]"), "application/json")
    assert kept(cloud, answer) == b"1\n2\n"

    bomb = gzip.compress(b"[" + b" " * 10_000_000 + b"]")
    assert refusal(start(cloud, bomb, "application/json")) == (413, "content_too_large")


def test_lines_of_json_are_kept_as_sent(cloud: Cloud) -> None:
    answer = start(cloud, b'{"a": 1}\n', "application/x-ndjson")

    assert (kept(cloud, answer), body_of(answer)["file"]["format"]) == (b'{"a": 1}\n', "ndjson")


@pytest.mark.parametrize(
    ("body", "media", "refused"),
    [
        (b"", "text/csv", (400, "body_empty")),
        (b"{}", "application/json", (400, "malformed_json")),
        (b"[", "application/json", (400, "malformed_json")),
        (b"[\xff]", "application/json", (400, "malformed_json")),
        (b"[" * 100_000, "application/json", (400, "malformed_json")),
        (b"\x1f\x8bx", "application/json", (400, "gzip_malformed")),
        (b"{}", "application/xml", (415, "unsupported_media_type")),
        (b"x" * 4_500_001, "text/csv", (413, "content_too_large")),
    ],
)
def test_what_are_no_rows_is_refused_before_there_is_a_job(
    cloud: Cloud, body: bytes, media: str, refused: tuple[int, str]
) -> None:
    assert refusal(start(cloud, body, media)) == refused
    assert jobs(cloud) == []


@pytest.mark.parametrize(
    ("coding", "status"), [("gzip", 202), ("GZIP ", 202), ("identity", 202), ("br", 415)]
)
def test_gzip_is_the_one_coding(cloud: Cloud, coding: str, status: int) -> None:
    headers = {"Content-Encoding": coding}

    assert Imports(cloud).start(CSV, headers=headers)["statusCode"] == status


def test_a_job_expires_with_its_file(cloud: Cloud) -> None:
    start(cloud)

    days = int(parameters()["RetentionDays"])
    (job,) = jobs(cloud)
    assert abs(int(job["expires_epoch"]["N"]) - time.time() - days * DAY) < 60


def test_a_file_that_cannot_be_kept_leaves_a_job_that_waits(cloud: Cloud) -> None:
    with refusing("s3", "PutObject", "SlowDown", 503):
        assert refusal(start(cloud)) == (503, "unavailable")

    (job,) = jobs(cloud)
    assert job["status"] == {"S": "awaiting_upload"}


def test_the_same_request_twice_is_one_job(cloud: Cloud) -> None:
    imports = Imports(cloud)
    first, again = (imports.start(CSV, key="key-1") for _ in range(2))

    assert body_of(first) == body_of(again)
    assert len(jobs(cloud)) == 1


def test_a_file_that_has_arrived_stays_when_its_request_comes_again(cloud: Cloud) -> None:
    """Under a key of KMS the same bytes have another ETag: they would not be the planned file."""
    given = cloud.name("ImportsBucket"), "imports/job_1"

    for body in (b"first", b"again"):
        files.put_new(*given, body)

    assert files.whole(*given) == b"first"
    with refusing("s3", "PutObject", "SlowDown", 503), pytest.raises(ClientError):
        files.put_new(*given, b"")
