"""List deliveries by pages: of an endpoint, of an event, or all; by state and time."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from interchange import clock, config, http, pages, store
from interchange.errors import BadRequest
from interchange.pages import Asked
from webhook.delivering import deliveries, moments

_MOST_LOOKS = 10
_ID = re.compile(r"[A-Za-z0-9._~:-]{1,128}")


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    deliveries_table: str
    deliveries_by_endpoint_index: str
    deliveries_by_event_index: str


settings = config.reader(Settings)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which deliveries are asked for; None for any."""

    endpoint_id: str | None
    event_id: str | None
    status: str | None
    start: str
    end: str

    def has(self, row: store.Item, *, now: datetime) -> bool:
        """Tell whether a row is asked for, and not expired: TTL takes its time."""
        return (
            row["part"] == deliveries.PART
            and self.endpoint_id in (None, row["endpoint_id"])
            and self.event_id in (None, row["event_id"])
            and self.status in (None, row["status"])
            and self.start <= row["created_at"] <= self.end
            and not store.has_expired(row, now=now)
        )


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer with a page; of an endpoint or event the oldest first, of all in no order."""
    now = clock.now()
    names = ("endpoint_id", "event_id", "status", "from", "to")
    page = pages.asked(event, now=now, **{name: http.query(event, name) for name in names})
    found = _found(_wanted(event), page, now=now)
    shown = map(deliveries.representation, found.items)
    body = pages.listed(shown, found.last_key, page=page, now=now)
    return http.uncached(body)


def _wanted(event: http.Event) -> Wanted:
    status = http.query(event, "status")
    if status not in (None, *deliveries.STATUSES):
        detail = f"status is one of {', '.join(deliveries.STATUSES)}."
        raise BadRequest(detail, code="bad_status")
    start = moments.read(http.query(event, "from"), "from", default=moments.FIRST)
    end = moments.read(http.query(event, "to"), "to", default=moments.LAST)
    if start > end:  # DynamoDB takes no such range
        raise BadRequest("from must not be after to.", code="bad_window")
    return Wanted(_id(event, "endpoint_id"), _id(event, "event_id"), status, start, end)


def _id(event: http.Event, name: str) -> str | None:
    found = http.query(event, name)
    if found is not None and not _ID.fullmatch(found):
        raise BadRequest(f"{name} is no id.", code="bad_query")
    return found


def _found(wanted: Wanted, page: Asked, *, now: datetime) -> store.Page:
    """Fill a page; a look that finds little is followed by another, but not for ever."""
    found: list[store.Item] = []
    after = page.after
    for _ in range(_MOST_LOOKS):
        part = _look(wanted, size=page.size - len(found), after=after)
        found += [each for each in part.items if wanted.has(each, now=now)]
        after = part.last_key
        if after is None or len(found) == page.size:
            break
    return store.Page(found, after)


def _look(wanted: Wanted, *, size: int, after: store.Item | None) -> store.Page:
    table = settings().deliveries_table
    window = {"start": wanted.start, "end": wanted.end}
    if wanted.endpoint_id is not None:
        index, name, id = settings().deliveries_by_endpoint_index, "endpoint_id", wanted.endpoint_id
    elif wanted.event_id is not None:
        index, name, id = settings().deliveries_by_event_index, "event_id", wanted.event_id
    else:
        return store.scan_page(table, size=size, after=after)
    where = f"#{name} = :id AND #created_at BETWEEN :start AND :end"
    return store.index_page(table, index, where, window | {"id": id}, size=size, after=after)
