"""A page of tasks as an answer: what its query asks for, and nothing that it does not know."""

import re

from interchange import clock, http, pages, times
from interchange.errors import BadRequest
from message_queue import listing
from message_queue.listing import Wanted
from message_queue.representation import summary

_TYPE = re.compile(r"[a-z_]{1,64}")


def answer(event: http.Event, table: str, index: str, *, status: str | None) -> http.Response:
    """Answer with the page of tasks of a state that `type`, `from`, `to` and the token ask for."""
    now = clock.now()
    wanted = Wanted(status, _type(event), _time(event, "from"), _time(event, "to"))
    page = pages.asked(event, now=now, **wanted._asdict())
    found, last = listing.page(table, index, wanted, size=page.size, after=page.after)
    body = pages.listed(map(summary, found), last, page=page, now=now)
    return http.uncached(body)


def _type(event: http.Event) -> str | None:
    text = http.query(event, "type")
    if text is not None and not _TYPE.fullmatch(text):
        raise BadRequest("type has lower-case letters and underscores.", code="bad_query")
    return text


def _time(event: http.Event, name: str) -> str | None:
    text = http.query(event, name)
    if text is None:
        return None
    try:
        return clock.rfc3339(times.read(text))
    except ValueError:
        detail = f"{name} is a time as in 2026-01-15T09:30:00Z (RFC 3339)."
        raise BadRequest(detail, code="bad_query") from None
