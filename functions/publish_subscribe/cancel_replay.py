"""Cancel a replay: what it has sent is out, the rest stays in the log."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from interchange import clock, config, http, store
from interchange.errors import Conflict, NotFound
from interchange.observability import count
from publish_subscribe import replays


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    replays_table: str


settings = config.reader(Settings)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer with the cancelled replay, the first time and again; 409 where it has ended."""
    replay_id = http.path_id(event)
    try:
        replay = replays.cancel(settings().replays_table, replay_id, now=clock.now())
    except store.ConditionFailed as met:
        return _ended(met.item)
    count("ReplayCancelled")
    return http.response(HTTPStatus.OK, replays.representation(replay))


def _ended(replay: store.Item) -> http.Response:
    if not replay:
        raise NotFound("No replay has this id.", code="replay_not_found")
    if replay["status"] != "cancelled":
        raise Conflict("The replay has ended.", code="replay_ended")
    return http.response(HTTPStatus.OK, replays.representation(replay))
