"""Delete a user; the row's stream tells every pattern to erase what it keeps of the person."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from interchange import clock, config, http, store
from interchange.errors import NotFound
from interchange.observability import count


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    users_table: str


settings = config.reader(Settings)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer 204, or 404 where there is no such user, not any more included."""
    key = {"id": http.path_id(event)}
    now = clock.rfc3339(clock.now())
    try:
        # The stream shows the row as it was last: so with this request's trace, and when.
        store.update(
            settings().users_table,
            key,
            "SET #deleted_at = :now, #correlation_id = :correlation_id,"
            " #traceparent = :traceparent",
            when="attribute_exists(#id)",
            values={"now": now, **http.trace_of(event)._asdict()},
        )
        store.delete(settings().users_table, key, when="attribute_exists(#id)")
    except store.ConditionFailed:
        raise NotFound("No user has this id.", code="user_not_found") from None
    count("UserDeleted")
    return http.response(HTTPStatus.NO_CONTENT)
