"""Read a registered or imported user."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from interchange import config, http, store, users
from interchange.errors import NotFound


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    users_table: str


settings = config.reader(Settings)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer with the user, or 404."""
    user = store.get(settings().users_table, {"id": http.path_id(event)})
    if user is None:
        raise NotFound("No user has this id.", code="user_not_found")
    return http.response(HTTPStatus.OK, users.representation(user))
