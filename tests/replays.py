"""Replays in rows, a line each."""

from datetime import timedelta
from typing import Any

from interchange import clock, items, store
from interchange.windows import Window
from publish_subscribe import replays
from publish_subscribe.event_log import Wanted
from tests.architecture import Json
from tests.cloud_events import TRACE
from tests.event_log import at
from tests.moto_cloud import Cloud

ID = f"rpl_{'1' * 32}"


def started(cloud: Cloud, id: str = ID, **given: Any) -> str:
    """Put the row of a replay of the log's first hundred seconds, and of what is given."""
    window = Window(clock.rfc3339(at(0)), clock.rfc3339(at(100)))
    options: Json = {"subscriber": None, "events_per_second": 2}
    options |= {"now": at(0), "retention": timedelta(days=30), "trace": TRACE}
    type = given.pop("type", None)
    row = replays.new(id, Wanted("user-events", window, type), **options | given)
    store.put_new(cloud.name("ReplaysTable"), row)
    return id


def replay(cloud: Cloud, id: str = ID) -> store.Item:
    """Read a replay's row."""
    rows = map(items.unpack, cloud.rows("ReplaysTable"))
    (found,) = (each for each in rows if each["id"] == id)
    return found
