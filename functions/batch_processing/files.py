"""Files in the imports bucket: read in ranges, written as they come, at any size."""

import contextlib
import io
from typing import Any

from botocore.exceptions import ClientError

from interchange import aws
from interchange.store import Item

PART_BYTES = 8 * 1024 * 1024  # of a multipart upload; S3 takes 5 MB to 5 GB, 10,000 of them


class Changed(Exception):
    """The file is not the one that was planned."""


def opened(bucket: str, key: str, *, etag: str, start: int = 0) -> Any:
    """Open the very file that has the ETag, from a byte on; Changed where another is there."""
    try:
        return _get(Bucket=bucket, Key=key, IfMatch=etag, Range=f"bytes={start}-")
    except ClientError as error:
        if error.response["Error"]["Code"] != "InvalidRange":
            raise
        return io.BytesIO()  # the byte is the file's end


def part(bucket: str, key: str, *, etag: str, start: int, end: int) -> bytes:
    """Read the bytes [start, end) of the very file that has the ETag."""
    found = _get(Bucket=bucket, Key=key, IfMatch=etag, Range=f"bytes={start}-{end - 1}")
    return bytes(found.read())


def whole(bucket: str, key: str) -> bytes:
    """Read a small file."""
    return bytes(aws.s3().get_object(Bucket=bucket, Key=key)["Body"].read())


def put(bucket: str, key: str, body: bytes) -> None:
    """Write a small file."""
    aws.s3().put_object(Bucket=bucket, Key=key, Body=body)


def size(bucket: str, key: str, *, etag: str) -> int:
    """Tell how many bytes the file has."""
    try:
        found = aws.s3().head_object(Bucket=bucket, Key=key, IfMatch=etag)
    except ClientError as error:
        raise _read(error) from error
    return int(found["ContentLength"])


def delete(bucket: str, key: str) -> None:
    """Delete a file; one that is not there is as good."""
    aws.s3().delete_object(Bucket=bucket, Key=key)


def _get(**asked: Any) -> Any:
    try:
        return aws.s3().get_object(**asked)["Body"]
    except ClientError as error:
        raise _read(error) from error


def _read(error: ClientError) -> Exception:
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

    def _flush(self) -> None:
        if not self._upload_id:
            begun = aws.s3().create_multipart_upload(**self._file, ContentType=self._media)
            self._upload_id = begun["UploadId"]
        if not self._is_there:
            self._send()
        del self._buffer[:PART_BYTES]

    def _send(self) -> None:
        number, body = len(self._etags) + 1, bytes(self._buffer[:PART_BYTES])
        part: Any = {**self._file, "UploadId": self._upload_id, "PartNumber": number, "Body": body}
        try:
            self._etags.append(aws.s3().upload_part(**part)["ETag"])
        except aws.s3().exceptions.NoSuchUpload:
            self._is_there = True  # an earlier try has ended it: `end` looks
