"""List what a source has sent, by pages, the newest first."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from interchange import clock, config, http, pages, store
from interchange.errors import BadRequest
from interchange.pages import Asked
from interchange.windows import Window, window
from webhook.receiving import listing

_NAME = re.compile(r"[!-~]{1,128}")


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    received_table: str
    received_by_source_index: str
    received_by_type_index: str


settings = config.reader(Settings)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer with a page of a source's webhooks, of one type or all, in a window or ever."""
    now = clock.now()
    given = {name: http.query(event, name) for name in ("source", "type", "from", "to")}
    page = pages.asked(event, now=now, **given)
    source, type = _name(given["source"], "source"), given["type"]
    found = _found(source, type, window(given["from"], given["to"]), page, now)
    listed = pages.listed(map(listing.summary, found.items), found.last_key, page=page, now=now)
    return http.uncached(listed)


def _name(given: str | None, parameter: str) -> str:
    if given is None or not _NAME.fullmatch(given):
        detail = f"{parameter} is a name of 1 to 128 visible characters: ?source=stripe."
        raise BadRequest(detail, code="bad_query")
    return given


def _found(source: str, type: str | None, window: Window, page: Asked, now: datetime) -> store.Page:
    if type is None:
        index, key, value = settings().received_by_source_index, "source", source
    else:
        value = listing.source_type(source, _name(type, "type"))
        index, key = settings().received_by_type_index, "source_type"
    found = store.index_page(
        settings().received_table,
        index,
        f"#{key} = :value AND #received_at BETWEEN :start AND :last",
        # BETWEEN takes both ends in; without its Z an end sorts right before itself.
        {"value": value, "start": window.start, "last": window.end.removesuffix("Z")},
        size=page.size,
        after=page.after,
        order="desc",
    )
    alive = [each for each in found.items if not store.has_expired(each, now=now)]
    return store.Page(alive, found.last_key)
