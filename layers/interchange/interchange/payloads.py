"""Payloads too large for a message: they wait in a bucket, and the message says under which key."""

from dataclasses import dataclass

from interchange import aws, config


@dataclass(frozen=True)
class Settings:
    """What the template gives every function that puts or gets payloads."""

    payloads_bucket: str


settings = config.reader(Settings)


def put(key: str, body: bytes) -> None:
    """Keep a payload; the bucket's lifecycle deletes it after the retention."""
    aws.s3().put_object(Bucket=settings().payloads_bucket, Key=key, Body=body)


def get(key: str) -> bytes:
    """Read a payload that was put."""
    return aws.s3().get_object(Bucket=settings().payloads_bucket, Key=key)["Body"].read()


def delete(key: str) -> None:
    """Delete a payload before its time; one that is gone is no error."""
    aws.s3().delete_object(Bucket=settings().payloads_bucket, Key=key)
