"""The feed that the catalogue follows, and why it cannot be read."""

from dataclasses import dataclass

from interchange import ids


class FeedFailed(Exception):
    """The feed cannot be read; `again` where it may be, a moment later, or in `after` seconds."""

    def __init__(
        self, code: str, detail: str, *, again: bool = False, after: float | None = None
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.again = again
        self.after = after


@dataclass(frozen=True)
class Feed:
    """Where it is, how it is written, and how it is read: `full` or `incremental`."""

    url: str
    bucket: str
    key: str
    format: str
    mode: str

    @property
    def digest(self) -> str:
        """Name the feed: what was learnt from one says nothing of another."""
        return ids.derived("feed", self.url, self.bucket, self.key, self.format, self.mode)
