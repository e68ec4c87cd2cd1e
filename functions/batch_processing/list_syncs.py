"""List synchronisations by pages, the newest first."""

from dataclasses import dataclass
from typing import Any

from batch_processing.syncing import runs, shown
from interchange import clock, config, http, pages


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    syncs_table: str
    syncs_by_entity_index: str


settings = config.reader(Settings)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer with a page; ids sort by time."""
    now = clock.now()
    page = pages.asked(event, now=now)
    table, index = settings().syncs_table, settings().syncs_by_entity_index
    found = pages.newest(page, table, index, list_of=runs.LIST)
    listed = pages.listed(map(shown.summary, found.items), found.last_key, page=page, now=now)
    return http.uncached(listed)
