"""Who subscribes to what; a contract test holds this to the subscriptions of template.yaml."""

from types import MappingProxyType
from typing import Any

type Filter = dict[str, list[Any]]

_OF_USERS = {"topic": ["user-events"]}

# By the attributes of an event's message; an empty filter takes everything.
SUBSCRIPTIONS: MappingProxyType[str, Filter] = MappingProxyType(
    {
        "erase_user_deliveries": _OF_USERS | {"type": ["user.deleted"]},
        "erase_user_events": _OF_USERS | {"type": ["user.deleted"]},
        "erase_user_tasks": _OF_USERS | {"type": ["user.deleted"]},
        "fan_out_event": {},
        "fan_out_ordered_event": {},
        "log_event": {},
        "sequence_events": {},
        "welcome_user": _OF_USERS | {"type": ["user.registered"]},
    }
)

# The log has what it would be sent.
REPLAYABLE = SUBSCRIPTIONS.keys() - {"log_event"}
