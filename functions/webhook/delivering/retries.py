"""When a delivery is tried again: the table of attempts, and what Retry-After asks for."""

import math
import random
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_MINUTE, _HOUR = 60, 3600
# After the first attempt, at once: 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h.
GAPS = (5, 5 * _MINUTE, 30 * _MINUTE, *(hours * _HOUR for hours in (2, 5, 10, 14, 20, 24)))
HORIZON = timedelta(seconds=sum(GAPS))
_JITTER = 0.2
# An endpoint that has done nothing but fail for this long is disabled.
PATIENCE = timedelta(days=5)

_SECONDS = re.compile(r"[0-9]+(\.[0-9]+)?")
_FOR_EVER = 10.0**9  # seconds: beyond every horizon, and a time yet


def outlived(now: datetime) -> int:
    """Say until when a row lives, at least, that is due now: beyond its last attempt."""
    return int((now + 2 * HORIZON).timestamp())


def next_due(
    failures: int, *, first: datetime, now: datetime, retry_after: timedelta, scale: float
) -> datetime | None:
    """Say when to try again after so many failures; None when the table ends.

    Retry-After may make it later, up to the time of the table's last attempt.
    """
    if failures > len(GAPS):
        return None
    gap = timedelta(seconds=GAPS[failures - 1] * scale * random.uniform(1, 1 + _JITTER))  # noqa: S311 - spreads load
    asked = min(retry_after, first + HORIZON * scale - now)
    return now + max(gap, asked)


def retry_after(text: str | None, *, now: datetime) -> timedelta:
    """Read Retry-After (RFC 9110 s.10.2.3): seconds, decimals rounded up, or a date; 0 for less."""
    if text is None:
        return timedelta()
    if _SECONDS.fullmatch(text.strip()):
        return timedelta(seconds=math.ceil(min(float(text), _FOR_EVER)))
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError, TypeError, IndexError):  # what it raises for odd dates
        return timedelta()
    return max(timedelta(), (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now)
