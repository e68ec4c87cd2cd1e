"""The one place that reads the time; rules take it as a parameter."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


def rfc3339(moment: datetime) -> str:
    """Write a time as RFC 3339 in UTC with milliseconds: texts of this form sort as times do."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse(text: str) -> datetime:
    """Read a time of RFC 3339, whatever its offset and the case of its letters."""
    return datetime.fromisoformat(text.upper())
