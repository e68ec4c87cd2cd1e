"""Events as the topic hands them on, a line each."""

import json
from typing import Any

from interchange.envelope import Event
from interchange.trace import Trace
from tests.architecture import Json

TRACE = Trace("order-7", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
AT = "2026-01-15T09:30:00.000Z"


def event(**given: Any) -> Event:
    """Make a registration's event, with what is given in place of its own."""
    attributes: Json = {"id": "evt_1", "source": "/api/users", "type": "user.registered"}
    attributes |= {"topic": "user-events", "time": AT, "data": {"name": "Zoë"}, "trace": TRACE}
    return Event(**attributes | given)


def message(**given: Any) -> Json:
    """Give the event as a subscriber reads it."""
    read: Json = json.loads(event(**given).to_json())
    return read
