"""Windows of time: half-open, to the millisecond, in whatever offset they were written."""

import re
from datetime import timedelta
from typing import NamedTuple

from interchange import clock, times
from interchange.errors import BadRequest

_PART_OF_A_MILLISECOND = re.compile(r"\.[0-9]{3}[0-9]*[1-9]")
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
    moment = times.read(text.upper())
    up = _MILLISECOND if _PART_OF_A_MILLISECOND.search(text) else timedelta()
    try:
        return clock.rfc3339(moment + up)
    except OverflowError:
        raise ValueError("out of the calendar") from None
