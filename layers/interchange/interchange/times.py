"""Times as callers write them: RFC 3339 with an offset, and nothing else that Python would read."""

import re
from datetime import UTC, datetime

# https://www.rfc-editor.org/rfc/rfc3339#section-5.6, less the leap second, which Python knows not.
_RFC3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?"
    r"(?:Z|[+-][0-9]{2}:[0-9]{2})"
)


def read(text: str) -> datetime:
    """Read a time, in UTC; ValueError for what is none.

    Its letters are capitals: who takes small ones, which the RFC allows, gives `text.upper()`.
    """
    if not _RFC3339.fullmatch(text):
        raise ValueError("no RFC 3339 time")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except OverflowError:
        raise ValueError("a time out of the calendar") from None
