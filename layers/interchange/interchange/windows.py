"""Windows of time: half-open, to the millisecond, in whatever offset they were written."""

import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from interchange import clock
from interchange.errors import BadRequest

# https://www.rfc-editor.org/rfc/rfc3339#section-5.6, less the leap second, which Python knows not.
_RFC3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.(?P<fraction>[0-9]{1,9}))?"
    r"(?:[Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_MILLISECOND = timedelta(milliseconds=1)


class Window(NamedTuple):
    """What happened from `start` on and before `end`, both as `clock.rfc3339` writes them."""

    start: str
    end: str


# Texts before and after everything that `clock.rfc3339` writes.
ALWAYS = Window("0", "~")


def window(start: str | None, end: str | None) -> Window:
    """Read `from` and `to`; what is not given is open. BadRequest for what is no window."""
    try:
        found = Window(
            ALWAYS.start if start is None else bound(start),
            ALWAYS.end if end is None else bound(end),
        )
    except ValueError:
        detail = "from and to are RFC 3339 times with an offset; a + in a URL is written %2B."
        raise BadRequest(detail, code="bad_window") from None
    if found.start >= found.end:
        raise BadRequest("from must be before to.", code="bad_window")
    return found


def bound(text: str) -> str:
    """Write an RFC 3339 time as rows have theirs; ValueError says that it is none.

    A part of a millisecond counts up: what happened in that millisecond is before the bound.
    """
    found = _RFC3339.fullmatch(text)
    if found is None:
        raise ValueError("no RFC 3339 time")
    nanoseconds = int((found["fraction"] or "0").ljust(9, "0"))
    up = _MILLISECOND if nanoseconds % 1_000_000 else timedelta()
    try:
        moment = datetime.fromisoformat(text.upper()).astimezone(UTC)
        return clock.rfc3339(moment + up)
    except OverflowError:
        raise ValueError("out of the calendar") from None
