"""List products by pages, all or those of a category."""

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from interchange import clock, config, http, pages, store
from interchange.errors import BadRequest
from interchange.pages import Asked

_CATEGORY = re.compile(r"[a-z0-9-]{1,64}")


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    products_table: str
    products_by_category_index: str


settings = config.reader(Settings)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer with a page: a category's in the order of ids, all in the order of hashed ids."""
    now = clock.now()
    category = http.query(event, "category")
    page = pages.asked(event, now=now, category=category)
    found = _found(category, page)
    return http.response(
        HTTPStatus.OK,
        pages.listed(found.items, found.last_key, page=page, now=now),
        {"Cache-Control": "private, no-cache"},
    )


def _found(category: str | None, page: Asked) -> store.Page:
    table = settings().products_table
    if category is None:
        return store.scan_page(table, size=page.size, after=page.after)
    if not _CATEGORY.fullmatch(category):
        raise BadRequest("A category is a slug of at most 64 characters.", code="bad_category")
    return store.index_page(
        table,
        settings().products_by_category_index,
        "#category = :category",
        {"category": category},
        size=page.size,
        after=page.after,
    )
