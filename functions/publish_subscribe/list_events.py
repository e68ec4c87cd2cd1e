"""List a topic's events by pages as they were recorded, or a key's as they are numbered."""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, cast

from interchange import clock, config, http, pages, store
from interchange.errors import BadRequest
from interchange.pages import Asked
from interchange.windows import window
from publish_subscribe import event_log, key_log
from publish_subscribe.event_log import Index, Most, Rows, Wanted

type Given = dict[str, str | None]

_TOPIC = re.compile(r"[!-~]{1,128}")
_TEXT = re.compile(r"[^\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,512}")  # what publishers may give
_PARAMETERS = ("topic", "key", "from", "to", "type", "order")
_LARGEST_KEY = 1_900  # DynamoDB's has 2,048 bytes, with the topic in it
_PAGE_CHARACTERS = 1_000_000  # an answer has 6 MB at most, and its quotes are escaped on the way


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    events_table: str
    events_by_topic_index: str
    sequences_table: str
    sequences_by_key_index: str


settings = config.reader(Settings)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer with a page of CloudEvents; a large one is its attributes and where to read it."""
    now = clock.now()
    given = {name: http.query(event, name) for name in _PARAMETERS}
    page = pages.asked(event, now=now, **given)
    rows = _rows(given, page, now=now)
    body = pages.listed([], rows.last_key, page=page, now=now)
    return http.json_text(HTTPStatus.OK, _text(body, rows.found), {"Cache-Control": "no-store"})


def _rows(given: Given, page: Asked, *, now: datetime) -> Rows:
    wanted, key, order = _wanted(given), _key(given), _order(given["order"])
    how: Any = {"after": page.after, "now": now, "order": order}
    how["most"] = Most(page.size, _PAGE_CHARACTERS, lambda row: len(row["event"]))
    table = settings().events_table
    if key is None:
        return event_log.read(Index(table, settings().events_by_topic_index), wanted, **how)
    numbered = Index(settings().sequences_table, settings().sequences_by_key_index)
    return key_log.read(numbered, table, wanted.topic, key, **how)


def _wanted(given: Given) -> Wanted:
    topic, type = given["topic"], given["type"]
    if topic is None or not _TOPIC.fullmatch(topic):
        raise BadRequest("Name the topic: ?topic=user-events.", code="bad_topic")
    if type is not None and not _TEXT.fullmatch(type):
        raise BadRequest("A type has 1 to 512 characters, no control characters.", code="bad_type")
    return Wanted(topic, window(given["from"], given["to"]), type)


def _key(given: Given) -> str | None:
    key = given["key"]
    if key is None:
        return None
    if not _TEXT.fullmatch(key) or len(key.encode()) > _LARGEST_KEY:
        raise BadRequest("A key has 1 to 512 characters, no control characters.", code="bad_key")
    if any(given[name] is not None for name in ("from", "to", "type")):
        raise BadRequest("A key's events are listed whole: no from, to or type.", code="bad_key")
    return key


def _order(given: str | None) -> store.Order:
    if given not in (None, "asc", "desc"):
        raise BadRequest("order is asc, the default, or desc.", code="bad_order")
    return cast("store.Order", given or "asc")


def _text(body: dict[str, Any], rows: list[store.Item]) -> str:
    """Put the events' own texts into a page: reading and writing could alter them."""
    before, _, after = json.dumps(body).partition("[]")
    return f"{before}[{','.join(map(_listed, rows))}]{after}"


def _listed(row: store.Item) -> str:
    """Give an event's text for a list: a large one is its attributes and where to read it."""
    text = str(row["event"])
    if "claim_check" not in row:
        return text
    # Relative to /events (RFC 9110 s.10.2.2); no attribute of a CloudEvent has a `_` in its name.
    where = json.dumps({"event_url": f"events/{row['id']}"})
    return f"{text.removesuffix('}')},{where.removeprefix('{')}"
