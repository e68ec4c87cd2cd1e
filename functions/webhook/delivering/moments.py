"""Times in queries: RFC 3339 with any offset, as rows have them."""

from interchange import clock, times
from interchange.errors import BadRequest

FIRST, LAST = "0", "9"  # before and after every time


def read(text: str | None, name: str, *, default: str) -> str:
    """Give a time as rows have it; BadRequest for what is none."""
    if text is None:
        return default
    try:
        return clock.rfc3339(times.read(text.upper()))
    except ValueError:
        detail = f"{name} is a time as 2026-01-15T09:30:00Z."
        raise BadRequest(detail, code="bad_time") from None
