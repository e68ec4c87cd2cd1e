"""List replays by pages, the newest first."""

from dataclasses import dataclass
from typing import Any

from interchange import clock, config, http, pages, store
from publish_subscribe import replays


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    replays_table: str
    replays_by_age_index: str


settings = config.reader(Settings)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer with a page; ids sort by time."""
    now = clock.now()
    page = pages.asked(event, now=now)
    table, index = settings().replays_table, settings().replays_by_age_index
    found = pages.newest(page, table, index, kind=replays.KIND)
    kept = [each for each in found.items if not store.has_expired(each, now=now)]
    body = pages.listed(map(replays.representation, kept), found.last_key, page=page, now=now)
    return http.uncached(body)
