"""Register a user; the row's own stream tells the rest of the system."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from interchange import clock, config, http, idempotency, store, users
from interchange.errors import Conflict
from interchange.new_user import NewUser
from interchange.observability import count
from interchange.validation import validate


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    users_table: str


settings = config.reader(Settings)


@idempotency.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer 201 with the user, or 409 and where the address's user is."""
    media = http.require_media_type(event, http.JSON, http.FORM)
    read = http.json_body if media == http.JSON else http.form_body
    form = validate(NewUser, read(event))
    user = users.row(
        email=form.email,
        name=form.name,
        origin="registered",
        now=clock.rfc3339(clock.now()),
        trace=http.trace_of(event),
    ) | {"request_id": idempotency.new_id("req", event)}
    # Relative to /api/users (RFC 9110 s.10.2.2): right below a stage and a custom domain alike.
    location = {"Location": f"users/{user['id']}"}
    try:
        store.put_new(settings().users_table, user)
    except store.ConditionFailed as met:
        if met.item.get("request_id") != user["request_id"]:
            detail = "This e-mail address is registered."
            raise Conflict(detail, code="user_exists", headers=location) from None
        user = met.item  # this very request made it, and died before it could answer
    else:
        count("UserRegistered")
    return http.response(HTTPStatus.CREATED, users.representation(user), location)
