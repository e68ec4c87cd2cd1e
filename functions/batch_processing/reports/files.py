"""A report's files: one of each form a day, which a later run overwrites, each as a whole."""

from collections.abc import Mapping
from typing import NamedTuple

from interchange import aws

MEDIA = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "html": "text/html; charset=utf-8",
}


class File(NamedTuple):
    """A file's text, and the strong ETag that S3 has for it."""

    text: str
    etag: str


def key(id: str, form: str) -> str:
    """Give the key of a day's file."""
    return f"reports/daily/{id}.{form}"


def put(bucket: str, id: str, texts: Mapping[str, str]) -> None:
    """Write a day's files, over those that are there."""
    for form, text in texts.items():
        aws.s3().put_object(
            Bucket=bucket, Key=key(id, form), Body=text.encode(), ContentType=MEDIA[form]
        )


def get(bucket: str, id: str, form: str) -> File:
    """Read a day's file."""
    found = aws.s3().get_object(Bucket=bucket, Key=key(id, form))
    return File(found["Body"].read().decode(), found["ETag"])


def url(bucket: str, id: str, form: str, *, seconds: int) -> str:
    """Sign a URL that opens a day's file in a browser, for a while."""
    return aws.s3().generate_presigned_url(
        "get_object", Params={"Bucket": bucket, "Key": key(id, form)}, ExpiresIn=seconds
    )
