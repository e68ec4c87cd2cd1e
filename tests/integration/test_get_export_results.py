"""The exported file, and where it is."""

import pytest

from interchange import aws
from tests.answers import body_of, refusal
from tests.exports import Exports, put_users
from tests.moto_cloud import Cloud


@pytest.mark.parametrize(
    ("format", "compression", "name", "media"),
    [
        ("csv", None, "users.csv", "text/csv"),
        ("ndjson", None, "users.ndjson", "application/x-ndjson"),
        ("csv", "gzip", "users.csv.gz", "application/gzip"),
    ],
)
def test_the_file_can_be_fetched_for_some_minutes(
    cloud: Cloud, format: str, compression: str | None, name: str, media: str
) -> None:
    put_users(cloud, "Ada", "Bob")
    exports = Exports(cloud)
    job = exports.run(format=format, compression=compression)

    found = body_of(exports.call("GetExportResultsFunction", "GET", job["id"]))

    file, key = found["file"], f"exports/{job['id']}/{name}"
    assert file["rows"] == 2
    assert key in file["url"]
    assert "X-Amz-Signature" in file["url"]
    assert "X-Amz-Expires=900" in file["url"]
    stored = aws.s3().head_object(Bucket=cloud.name("ExportsBucket"), Key=key)
    assert (stored["ContentType"], stored["ContentLength"]) == (media, file["bytes"])


def test_the_file_is_there_at_the_end_and_not_before(cloud: Cloud) -> None:
    exports = Exports(cloud)
    job_id = body_of(exports.start())["id"]

    answer = exports.call("GetExportResultsFunction", "GET", job_id)

    assert refusal(answer) == (409, "results_not_ready")
    unknown = exports.call("GetExportResultsFunction", "GET", "job_none")
    assert refusal(unknown) == (404, "export_not_found")
