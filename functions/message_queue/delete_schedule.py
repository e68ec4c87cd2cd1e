"""End a recurring task; what its ticks have made goes on."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from interchange import config, http, store
from interchange.errors import NotFound


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    steering_table: str


settings = config.reader(Settings)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer 204, or 404."""
    key, kind = {"id": http.path_id(event)}, {"kind": "schedule"}
    try:
        store.delete(settings().steering_table, key, when="#kind = :kind", values=kind)
    except store.ConditionFailed:
        raise NotFound("No schedule has this id.", code="schedule_not_found") from None
    return http.response(HTTPStatus.NO_CONTENT)
