"""Events that a test publishes, and the log as its callers read it."""

from functools import partial
from typing import Any
from urllib.parse import urlencode

from local.api import Api, until

TOPIC = "user-events"


def published(api: Api, type: str, count: int) -> list[str]:
    """Publish events one after the other and wait for the log to have them; give their ids."""
    bodies = [{"topic": TOPIC, "type": type, "payload": {"n": n}} for n in range(count)]
    ids = [api.post("/events/publish", each, expect=202).body["id"] for each in bodies]
    until("the events in the log", partial(_all_logged, api, type, ids))
    return ids


def page(api: Api, **query: Any) -> Any:
    """Read a page of the log."""
    answer = api.get(f"/events?{urlencode({'topic': TOPIC} | query)}")
    assert answer.status == 200, answer.body
    return answer.body


def walk(api: Api, **query: Any) -> list[list[Any]]:
    """Follow the tokens to the end; give the events of each page."""
    pages: list[list[Any]] = []
    token: dict[str, str] = {}
    while True:
        body = page(api, **query, **token)
        pages.append(body["items"])
        if "next_page_token" not in body:
            return pages
        token = {"page_token": body["next_page_token"]}


def flat(pages: list[list[Any]]) -> list[str]:
    """Give the events' ids in order."""
    return [each["id"] for events in pages for each in events]


def _all_logged(api: Api, type: str, ids: list[str]) -> bool | None:
    return sorted(flat(walk(api, type=type))) == sorted(ids) or None
