"""List webhook endpoints by pages."""

from dataclasses import dataclass
from typing import Any

from interchange import clock, config, http, pages, store
from webhook.delivering import endpoints


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    endpoints_table: str


settings = config.reader(Settings)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer with a page, in the order of hashed ids."""
    now = clock.now()
    page = pages.asked(event, now=now)
    found = store.scan_page(settings().endpoints_table, size=page.size, after=page.after)
    shown = map(endpoints.representation, found.items)
    body = pages.listed(shown, found.last_key, page=page, now=now)
    return http.uncached(body)
