"""Read an event from the log, as its subscribers got it."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from interchange import clock, config, http, store
from interchange.errors import NotFound
from publish_subscribe import event_rows


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    events_table: str


settings = config.reader(Settings)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer with the CloudEvent, or 404: not published, not logged yet, or past its retention."""
    row = store.get(settings().events_table, {"id": http.path_id(event)})
    if row is None or store.has_expired(row, now=clock.now()):
        raise NotFound("The log has no event with this id.", code="event_not_found")
    return http.json_text(HTTPStatus.OK, event_rows.text_of(row))
