"""Taking a CSV."""

import time

import pytest

from interchange import aws, items
from tests.answers import body_of, refusal
from tests.architecture import Json, parameters
from tests.aws_events import request
from tests.faults import refusing
from tests.moto_cloud import Cloud

CSV = b"\xef\xbb\xbfemail,name\r\nada@example.com,Ada\r\n\xff"
DAY = 24 * 3600


def start(cloud: Cloud, body: bytes = CSV, media: str = "text/csv; charset=utf-8") -> Json:
    event = request("POST", "/api/users/batch", body=body, headers={"Content-Type": media})
    answer: Json = cloud.invoke("StartImportFunction", event)
    return answer


def jobs(cloud: Cloud) -> list[Json]:
    return list(map(items.unpack, cloud.rows("ImportsTable")))


def test_a_file_is_kept_as_sent_and_its_job_can_be_followed(cloud: Cloud) -> None:
    answer = start(cloud)

    job = body_of(answer)
    stored = aws.s3().get_object(Bucket=cloud.name("ImportsBucket"), Key=f"imports/{job['id']}.csv")
    assert answer["statusCode"] == 202
    assert answer["headers"]["Location"] == f"batch/{job['id']}"
    assert int(answer["headers"]["Retry-After"]) > 0
    assert job["status"] == "awaiting_upload"
    assert stored["Body"].read() == CSV


def test_a_jobs_row_expires_with_its_file(cloud: Cloud) -> None:
    start(cloud)

    (job,) = jobs(cloud)
    kept = job["expires_epoch"] - time.time()
    assert (job["kind"], job["part"], job["bytes"]) == ("job", "job", len(CSV))
    assert kept == pytest.approx(int(parameters()["RetentionDays"]) * DAY, abs=60)


@pytest.mark.parametrize(
    ("body", "media", "refused"),
    [
        (b"", "text/csv", (400, "body_empty")),
        (CSV, "application/json", (415, "unsupported_media_type")),
        (CSV, "application/vnd.ms-excel", (415, "unsupported_media_type")),
        (b"x" * 4_500_001, "text/csv", (413, "content_too_large")),
    ],
)
def test_what_is_no_file_makes_no_job(
    cloud: Cloud, body: bytes, media: str, refused: tuple[int, str]
) -> None:
    assert refusal(start(cloud, body, media)) == refused
    assert jobs(cloud) == []


def test_a_file_that_cannot_be_kept_is_not_acknowledged(cloud: Cloud) -> None:
    with refusing("s3", "PutObject", "SlowDown", 503):
        assert refusal(start(cloud)) == (503, "unavailable")
