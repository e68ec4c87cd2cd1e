"""Read an event from the log, as its subscribers got it."""

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from interchange import clock, config, http, payloads, store
from interchange.errors import NotFound


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    events_table: str


settings = config.reader(Settings)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer with the CloudEvent, or 404: not published, not logged yet, or past its retention."""
    row = store.get(settings().events_table, {"id": http.path_id(event)})
    if row is None or row["expires_epoch"] <= clock.now().timestamp():  # TTL deletes days late
        raise NotFound("The log has no event with this id.", code="event_not_found")
    return http.response(HTTPStatus.OK, _event(row))


def _event(row: store.Item) -> Any:
    claim_check = row.get("claim_check")
    return json.loads(row["event"] if claim_check is None else payloads.get(claim_check))
