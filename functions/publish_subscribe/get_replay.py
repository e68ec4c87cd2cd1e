"""Say how a replay is doing."""

from dataclasses import dataclass
from typing import Any

from interchange import clock, config, http, store
from interchange.errors import NotFound
from publish_subscribe import replays


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    replays_table: str


settings = config.reader(Settings)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer with the replay, or 404."""
    replay = store.get(settings().replays_table, {"id": http.path_id(event)})
    if replay is None or store.has_expired(replay, now=clock.now()):
        raise NotFound("No replay has this id.", code="replay_not_found")
    return http.uncached(replays.representation(replay))
