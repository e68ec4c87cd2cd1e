"""List daily reports by pages, the latest day first."""

from dataclasses import dataclass
from typing import Any

from batch_processing.reports import files, rows
from interchange import clock, config, http, pages
from interchange.store import Item

_LIFETIME_SECONDS = 900


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    reports_table: str
    reports_by_kind_index: str
    reports_bucket: str


settings = config.reader(Settings)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer with a page of jobs; what is there has a URL for browsers, for some minutes."""
    now = clock.now()
    page = pages.asked(event, now=now)
    table, index = settings().reports_table, settings().reports_by_kind_index
    found = pages.newest(page, table, index, kind=rows.KIND)
    listed = pages.listed(map(_shown, found.items), found.last_key, page=page, now=now)
    return http.uncached(listed)


def _shown(row: Item) -> dict[str, Any]:
    if "made_at" not in row:
        return rows.shown(row)
    bucket = settings().reports_bucket
    return rows.shown(row) | {
        "page_url": files.url(bucket, row["id"], "html", seconds=_LIFETIME_SECONDS)
    }
