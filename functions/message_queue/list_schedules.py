"""List the recurring tasks, page by page."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from interchange import clock, config, http, pages, store
from message_queue.recurring import schedules


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    steering_table: str
    steering_by_kind_index: str


settings = config.reader(Settings)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer with a page of schedules, oldest first."""
    now = clock.now()
    page = pages.asked(event, now=now)
    table, index = settings().steering_table, settings().steering_by_kind_index
    where, values = "#listed_as = :kind", {"kind": "schedule"}
    found = store.index_page(table, index, where, values, size=page.size, after=page.after)
    items = map(schedules.representation, found.items)
    body = pages.listed(items, found.last_key, page=page, now=now)
    return http.response(HTTPStatus.OK, body)
