"""Let the tasks of a type or a priority wait: they are kept, and lose no attempt."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

from pydantic import StringConstraints

from interchange import clock, config, http
from interchange.validation import ONE_LINE, Body, validate
from message_queue.steering import pauses, scopes


class Pause(Body):
    """Why."""

    reason: Annotated[str, StringConstraints(max_length=200), ONE_LINE] = ""


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    steering_table: str


settings = config.reader(Settings)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer with the pause, the one that stood before where there was one."""
    scope = scopes.named(event)
    wanted = validate(Pause, http.json_body(event))
    table = settings().steering_table
    pause = pauses.begin(table, scope, reason=wanted.reason, now=clock.now())
    return http.response(HTTPStatus.OK, pause)
