"""Files of imports and exports: read in ranges, written as they come, at any size."""

import contextlib
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from botocore.exceptions import ClientError

from interchange import aws
from interchange.store import Item

PART_BYTES = 8 * 1024 * 1024  # of a multipart upload; S3 takes 5 MB to 5 GB, 10,000 of them
SMALLEST_PART = 5 * 1024 * 1024  # but for the last
URL_LIFETIME = timedelta(minutes=15)


class Changed(Exception):
    """The file is not the one that was planned, or it is gone."""


class NotDeleted(Exception):
    """S3 has not deleted all of it; once more, then."""


def opened(bucket: str, key: str, *, etag: str, start: int = 0) -> Any:
    """Open the very file that has the ETag, from a byte on; Changed where another is there."""
    try:
        return _get(Bucket=bucket, Key=key, IfMatch=etag, Range=f"bytes={start}-")
    except ClientError as error:
        if error.response["Error"]["Code"] != "InvalidRange":
            raise
        return io.BytesIO()  # the byte is the file's end


def part(bucket: str, key: str, *, etag: str, start: int, end: int) -> bytes:
    """Read the bytes [start, end) of the very file that has the ETag; Changed where it is gone."""
    try:
        found = _get(Bucket=bucket, Key=key, IfMatch=etag, Range=f"bytes={start}-{end - 1}")
    except aws.s3().exceptions.NoSuchKey as error:
        raise Changed from error
    return bytes(found.read())


def whole(bucket: str, key: str) -> bytes:
    """Read a small file."""
    return bytes(aws.s3().get_object(Bucket=bucket, Key=key)["Body"].read())


def put(bucket: str, key: str, body: bytes) -> None:
    """Write a small file."""
    aws.s3().put_object(Bucket=bucket, Key=key, Body=body)


def put_new(bucket: str, key: str, body: bytes) -> None:
    """Write a small file where none is; the one that is there stays, its ETag too."""
    try:
        aws.s3().put_object(Bucket=bucket, Key=key, Body=body, IfNoneMatch="*")
    except ClientError as error:
        if not isinstance(_told(error), Changed):
            raise


def size(bucket: str, key: str, *, etag: str) -> int:
    """Tell how many bytes the file has."""
    try:
        found = aws.s3().head_object(Bucket=bucket, Key=key, IfMatch=etag)
    except ClientError as error:
        raise _told(error) from error
    return int(found["ContentLength"])


def delete(bucket: str, key: str) -> None:
    """Delete a file; one that is not there is as good."""
    aws.s3().delete_object(Bucket=bucket, Key=key)


def delete_all(bucket: str, folder: str) -> int:
    """Delete every file whose key begins so; tell how many there were."""
    deleted = 0
    for page in aws.s3().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=folder):
        if found := [each["Key"] for each in page.get("Contents", [])]:
            asked: Any = {"Objects": [{"Key": key} for key in found], "Quiet": True}
            answer = aws.s3().delete_objects(Bucket=bucket, Delete=asked)
            if left := answer.get("Errors"):
                raise NotDeleted(", ".join(sorted({each["Code"] for each in left})))
            deleted += len(found)
    return deleted


def url(bucket: str, key: str, *, name: str) -> str:
    """Sign a URL with which anyone can fetch a file for some minutes, under a name."""
    disposition = f'attachment; filename="{name}"'
    asked = {"Bucket": bucket, "Key": key, "ResponseContentDisposition": disposition}
    seconds = int(URL_LIFETIME.total_seconds())
    return aws.s3().generate_presigned_url("get_object", Params=asked, ExpiresIn=seconds)


def _get(**asked: Any) -> Any:
    try:
        return aws.s3().get_object(**asked)["Body"]
    except ClientError as error:
        raise _told(error) from error


def _told(error: ClientError) -> Exception:
    changed = error.response["Error"]["Code"] in {"PreconditionFailed", "412"}
    return Changed() if changed else error


class Growing:
    """A file that is written part by part, by several processes after one another if need be.

    Who writes the same bytes again, after a death, or beside another, makes the same parts.
    """

    def __init__(self, bucket: str, key: str, media: str, kept: Item | None = None) -> None:
        self._file: dict[str, Any] = {"Bucket": bucket, "Key": key}
        self._media = media
        self._upload_id: str = (kept or {}).get("upload_id", "")
        self._is_there = False
        self._etags: list[str] = list((kept or {}).get("etags", []))
        held = (kept or {}).get("held")
        self._buffer = bytearray(whole(bucket, held) if held else b"")

    def kept(self, held: str) -> Item:
        """Say what the next process needs to go on; what fills no part yet waits under `held`."""
        if self._buffer:
            put(self._file["Bucket"], held, bytes(self._buffer))
        found = {"upload_id": self._upload_id, "etags": self._etags}
        return found | ({"held": held} if self._buffer else {})

    def write(self, data: bytes) -> None:
        """Write more."""
        self._buffer += data
        while len(self._buffer) >= PART_BYTES:
            self._flush()

    def add(self, key: str, size: int) -> None:
        """Write what a file of the same bucket has; S3 copies one that is large enough itself."""
        if self._buffer or size < SMALLEST_PART:
            self._buffer += whole(self._file["Bucket"], key)
            if len(self._buffer) >= SMALLEST_PART:  # all of it: the next can be copied then
                self._flush(len(self._buffer))
            return
        self._begin()
        self._send(lambda part: self._copied(key, part))

    def end(self) -> str:
        """Make the file be there, whole; give its ETag."""
        if not self._upload_id:
            body = bytes(self._buffer)
            return aws.s3().put_object(**self._file, Body=body, ContentType=self._media)["ETag"]
        if self._buffer:
            self._flush()
        with contextlib.suppress(aws.s3().exceptions.NoSuchUpload):
            if not self._is_there:
                return self._completed()
        return aws.s3().head_object(**self._file)["ETag"]  # an earlier try has ended it

    def abandon(self) -> None:
        """Leave nothing of a file that will not be ended; twice is as good."""
        if self._upload_id:
            with contextlib.suppress(aws.s3().exceptions.NoSuchUpload):
                aws.s3().abort_multipart_upload(**self._file, UploadId=self._upload_id)

    def _completed(self) -> str:
        parts: Any = [
            {"PartNumber": number, "ETag": etag} for number, etag in enumerate(self._etags, start=1)
        ]
        return aws.s3().complete_multipart_upload(
            **self._file, UploadId=self._upload_id, MultipartUpload={"Parts": parts}
        )["ETag"]

    def _begin(self) -> None:
        if not self._upload_id:
            begun = aws.s3().create_multipart_upload(**self._file, ContentType=self._media)
            self._upload_id = begun["UploadId"]

    def _flush(self, size: int = PART_BYTES) -> None:
        self._begin()
        body = bytes(self._buffer[:size])
        self._send(lambda part: aws.s3().upload_part(**part, Body=body)["ETag"])
        del self._buffer[:size]

    def _copied(self, key: str, part: Any) -> str:
        source: Any = {"Bucket": self._file["Bucket"], "Key": key}
        return aws.s3().upload_part_copy(**part, CopySource=source)["CopyPartResult"]["ETag"]

    def _send(self, sent: Callable[[Any], str]) -> None:
        if self._is_there:
            return
        part = {**self._file, "UploadId": self._upload_id, "PartNumber": len(self._etags) + 1}
        try:
            self._etags.append(sent(part))
        except aws.s3().exceptions.NoSuchUpload:
            self._is_there = True  # an earlier try has ended it: `end` looks
