"""List users by pages."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from interchange import clock, config, http, pages, store, users


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    users_table: str


settings = config.reader(Settings)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer with a page, in the order of hashed ids."""
    now = clock.now()
    page = pages.asked(event, now=now)
    found = store.scan_page(settings().users_table, size=page.size, after=page.after)
    listed = pages.listed(
        map(users.representation, found.items), found.last_key, page=page, now=now
    )
    return http.response(HTTPStatus.OK, listed, {"Cache-Control": "private, no-cache"})
