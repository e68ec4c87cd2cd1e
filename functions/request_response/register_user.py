"""Register a user; the row's own stream tells the rest of the system."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from interchange import clock, config, http, store, users
from interchange.errors import Conflict
from interchange.new_user import NewUser
from interchange.observability import count
from interchange.validation import validate


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    users_table: str


settings = config.reader(Settings)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer 201 with the user, or 409 where the address has one already."""
    form = validate(NewUser, http.json_body(event))
    user = users.row(
        email=form.email,
        name=form.name,
        origin="registered",
        now=clock.rfc3339(clock.now()),
        trace=http.trace_of(event),
    )
    try:
        store.put_new(settings().users_table, user)
    except store.ConditionFailed:
        raise Conflict("This e-mail address is registered.", code="user_exists") from None
    count("UserRegistered")
    # Relative to /api/users (RFC 9110 s.10.2.2): right below a stage and a custom domain alike.
    location = {"Location": f"users/{user['id']}"}
    return http.response(HTTPStatus.CREATED, users.representation(user), location)
