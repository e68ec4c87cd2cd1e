"""Which feed the catalogue follows, as the template's parameters say it."""

from dataclasses import dataclass

from batch_processing.syncing.feeds import Feed
from interchange import config


@dataclass(frozen=True)
class Settings:
    """What the template gives every function that asks for the feed; all empty: there is none."""

    feed_url: str
    feed_object: str
    feed_format: str
    feed_mode: str


settings = config.reader(Settings)


def feed() -> Feed | None:
    """Give the feed, or None; an object has no pages, it is read whole."""
    given = settings()
    bucket, _, key = given.feed_object.partition("/")
    if given.feed_url:
        return Feed(given.feed_url, "", "", given.feed_format, given.feed_mode)
    return Feed("", bucket, key, given.feed_format, "full") if key else None
