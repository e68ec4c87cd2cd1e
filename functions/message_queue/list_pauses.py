"""List what of the queue stands still."""

from dataclasses import dataclass
from typing import Any

from interchange import config, http
from message_queue.steering import pauses


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    steering_table: str


settings = config.reader(Settings)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer with every pause: there are few, so there are no pages."""
    found = pauses.read(settings().steering_table)
    items = [found[scope] for scope in sorted(found)]
    return http.uncached({"items": items})
