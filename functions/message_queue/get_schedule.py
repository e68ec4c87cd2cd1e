"""Show a recurring task and when it is due next."""

from dataclasses import dataclass
from typing import Any

from interchange import config, http, store
from interchange.errors import NotFound
from message_queue.recurring import schedules


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    steering_table: str


settings = config.reader(Settings)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer with the schedule, or 404."""
    found = store.get(settings().steering_table, {"id": http.path_id(event)})
    if found is None or found["kind"] != "schedule":
        raise NotFound("No schedule has this id.", code="schedule_not_found")
    return http.uncached(schedules.representation(found))
