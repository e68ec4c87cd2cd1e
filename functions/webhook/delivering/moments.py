"""Times in queries: RFC 3339 with any offset, as rows have them."""

import re
from datetime import datetime

from interchange import clock
from interchange.errors import BadRequest

# https://www.rfc-editor.org/rfc/rfc3339#section-5.6
_RFC3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
FIRST, LAST = "0", "9"  # before and after every time


def read(text: str | None, name: str, *, default: str) -> str:
    """Give a time as rows have it; BadRequest for what is none."""
    if text is None:
        return default
    refused = BadRequest(f"{name} is a time as 2026-01-15T09:30:00Z.", code="bad_time")
    if not _RFC3339.fullmatch(text):
        raise refused
    try:
        return clock.rfc3339(datetime.fromisoformat(text.upper()))
    except (ValueError, OverflowError):  # the 31st of February; a time before the year 1
        raise refused from None
