"""Say how far the redrive of dead tasks is."""

from dataclasses import dataclass
from typing import Any

from interchange import config, http, store
from interchange.errors import NotFound
from message_queue.steering import sweeps


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    steering_table: str


settings = config.reader(Settings)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer with the sweep, or 404."""
    found = store.get(settings().steering_table, {"id": http.path_id(event)})
    if found is None or found["kind"] != "sweep":
        raise NotFound("No redrive has this id.", code="redrive_not_found")
    return http.uncached(sweeps.representation(found))
