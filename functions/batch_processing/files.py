"""Files in the imports bucket: read in ranges, written as they come, at any size."""

from collections.abc import Iterable
from typing import Any

from botocore.exceptions import ClientError

from interchange import aws
from interchange.store import Item

PART_BYTES = 8 * 1024 * 1024  # of a multipart upload; S3 takes 5 MB to 5 GB, 10,000 of them


class Changed(Exception):
    """The file is not the one that was planned."""


def opened(bucket: str, key: str, *, etag: str, start: int = 0) -> Any:
    """Open the very file that has the ETag, from a byte on; Changed where another is there."""
    return _get(Bucket=bucket, Key=key, IfMatch=etag, Range=f"bytes={start}-")


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
    """A file that is written part by part, by several processes after one another if need be."""

    def __init__(self, bucket: str, key: str, media: str, kept: Item | None = None) -> None:
        self._file: dict[str, Any] = {"Bucket": bucket, "Key": key}
        self._media = media
        self._upload_id: str = (kept or {}).get("upload_id", "")
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
        if len(self._buffer) >= PART_BYTES:
            self._flush()

    def write_all(self, pieces: Iterable[bytes]) -> str:
        """Write all of it and end it; give its ETag. What cannot be ended leaves nothing."""
        try:
            for each in pieces:
                self.write(each)
        except BaseException:
            if self._upload_id:
                aws.s3().abort_multipart_upload(**self._file, UploadId=self._upload_id)
            raise
        return self.end()

    def end(self) -> str:
        """Make the file be there, whole; give its ETag."""
        if not self._upload_id:
            body = bytes(self._buffer)
            return aws.s3().put_object(**self._file, Body=body, ContentType=self._media)["ETag"]
        if self._buffer:
            self._flush()
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
        sent = aws.s3().upload_part(
            **self._file,
            UploadId=self._upload_id,
            PartNumber=len(self._etags) + 1,
            Body=bytes(self._buffer),
        )
        self._etags.append(sent["ETag"])
        self._buffer.clear()
