"""Fetch a feed: what is unsound about the answer is told apart from what may pass."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from batch_processing.syncing.feeds import Feed, FeedFailed
from interchange import aws, downloads, refusals
from interchange.downloads import Download
from interchange.outbound import Failed, Forbidden
from interchange.store import Item

MEDIA = {
    "csv": ("text/csv",),
    "json": ("application/json",),
    "ndjson": ("application/x-ndjson", "application/ndjson", "application/jsonl"),
}
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_LONGEST_WAIT = 900.0


class NotModified(Exception):
    """The feed is what it was."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A feed's bytes as they come, and what to ask with the next time."""

    known: Item
    blocks: Iterator[bytes]


type Opened = AbstractContextManager[Answer]


@contextmanager
def opened(
    feed: Feed, known: Item, *, allow_local: bool, timeout: float, url: str | None = None
) -> Iterator[Answer]:
    """Open the feed, or a page of it; NotModified where it is the one that is known."""
    if feed.key:
        yield _object(feed, known)
        return
    asked = {"Accept": MEDIA[feed.format][0], "User-Agent": "Interchange/0.1"}
    with (
        _failing(),
        downloads.get(
            url or feed.url, asked | _conditions(known), allow_local=allow_local, timeout=timeout
        ) as found,
    ):
        _check(found, feed)
        yield Answer(_validators(found.headers), found.blocks)


def _conditions(known: Item) -> dict[str, str]:
    names = {"etag": "If-None-Match", "last_modified": "If-Modified-Since"}
    return {header: known[name] for name, header in names.items() if name in known}


def _validators(headers: Mapping[str, str]) -> Item:
    names = {"etag": "etag", "last_modified": "last-modified"}
    return {name: headers[header] for name, header in names.items() if header in headers}


def _check(found: Download, feed: Feed) -> None:
    if found.status == HTTPStatus.NOT_MODIFIED:
        raise NotModified
    if found.status != HTTPStatus.OK:
        again = found.status in _PASSING
        detail = f"The feed's server answers {found.status}."
        after = _seconds(found.headers.get("retry-after", "")) if again else None
        raise FeedFailed("feed_status", detail, again=again, after=after)
    media = found.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media not in MEDIA[feed.format]:
        detail = f"The feed is {feed.format}; its server sends another type, or says none."
        raise FeedFailed("feed_media_type", detail)
    if found.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise FeedFailed("feed_encoding", "The feed is encoded, which nobody asked for.")


def _seconds(text: str) -> float | None:
    """Read Retry-After as seconds, which feeds send; a date is as good as none."""
    return min(float(text), _LONGEST_WAIT) if text.isascii() and text.isdecimal() else None


@contextmanager
def _failing() -> Iterator[None]:
    """Say in a run's words what can go wrong on the way to a feed's server."""
    try:
        yield
    except Forbidden as error:
        raise FeedFailed("feed_forbidden", error.detail) from None
    except Failed as error:
        code = _CODES.get(error.kind, "feed_unreachable")
        raise FeedFailed(code, error.detail, again=error.kind != "endless") from None


_CODES = {"timeout": "feed_timeout", "cut_short": "feed_truncated", "protocol": "feed_truncated"}
_CODES |= {"reset": "feed_truncated", "endless": "feed_endless"}


def _object(feed: Feed, known: Item) -> Answer:
    """Open the object in S3, unless it is the one that is known."""
    asked: Any = {"Bucket": feed.bucket, "Key": feed.key}
    if "etag" in known:
        asked["IfNoneMatch"] = known["etag"]
    try:
        found = aws.s3().get_object(**asked)
    except ClientError as error:
        if error.response["Error"]["Code"] in {"304", "NotModified"}:
            raise NotModified from None
        detail = f"S3 refuses the object: {error.response['Error']['Code']}."
        again = refusals.is_busy(error)
        raise FeedFailed("feed_unreadable", detail, again=again) from error
    return Answer({"etag": found["ETag"]}, _read(found["Body"]))


def _read(body: Any) -> Iterator[bytes]:
    try:
        while block := body.read(262_144):
            yield block
    except BotoCoreError as error:
        raise FeedFailed("feed_truncated", "The object ends before its end.", again=True) from error
