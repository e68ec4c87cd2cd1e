"""A subscriber that dies at random, before its effect or after it; it runs in the cloud.

Its effect is to append the event's id to its lane's list, once.
"""

import os
import random

from interchange import store
from interchange.envelope import Event
from interchange.observability import logger
from interchange.store import ConditionFailed
from interchange.subscribers import each_event


@each_event
def handler(event: Event) -> None:
    """Append, and die now and then; an event of the type `poison` always kills."""
    _maybe_die(always=event.type == "poison")
    try:
        store.update(
            os.environ["TABLE"],
            {"id": event.data["lane"]},
            "SET #ids = list_append(if_not_exists(#ids, :none), :ids)",
            when="attribute_not_exists(#ids) OR NOT contains(#ids, :id)",
            values={"none": [], "ids": [event.id], "id": event.id},
        )
    except ConditionFailed:
        logger.info("Done before", event_id=event.id)
    _maybe_die(always=False)
    logger.info("Done", event_id=event.id)


def _maybe_die(*, always: bool) -> None:
    if always or random.random() < float(os.environ["DEATHS"]):
        os._exit(1)
