"""List exports by pages, the newest first."""

from dataclasses import dataclass
from typing import Any

from batch_processing.exporting import export_progress
from interchange import clock, config, http, pages


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    exports_table: str
    exports_by_entity_index: str


settings = config.reader(Settings)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer with a page; ids sort by time."""
    now = clock.now()
    page = pages.asked(event, now=now)
    table, index = settings().exports_table, settings().exports_by_entity_index
    found = pages.newest(page, table, index, list_of="users")
    shown = map(export_progress.summary, found.items)
    listed = pages.listed(shown, found.last_key, page=page, now=now)
    return http.uncached(listed)
