"""List topics by pages: those that are built in, then the others."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from interchange import clock, config, http, pages, store
from interchange.pages import Asked
from publish_subscribe import topics


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    topics_table: str


settings = config.reader(Settings)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer with a page; after the built-in ones in the order of hashed names."""
    now = clock.now()
    page = pages.asked(event, now=now)
    found = _found(page)
    return http.response(
        HTTPStatus.OK,
        pages.listed(map(topics.representation, found.items), found.last_key, page=page, now=now),
        {"Cache-Control": "private, no-cache"},
    )


def _found(page: Asked) -> store.Page:
    """Go through the built-in topics by their position, then through the table by its key."""
    table, names = settings().topics_table, sorted(topics.BUILT_IN)
    begun = {"built_in": 0} if page.after is None else page.after
    position = begun.get("built_in", len(names))
    first = [topics.find_built_in(table, name) for name in names[position : position + page.size]]
    if len(first) == page.size:
        return store.Page(first, {"built_in": position + page.size})
    after = None if "built_in" in begun else begun
    rest = store.scan_page(table, size=page.size - len(first), after=after)
    others = [row for row in rest.items if row["id"] not in topics.BUILT_IN]
    return store.Page(first + others, rest.last_key)
