"""What follows a request through every pattern: its correlation id and its W3C trace context."""

import os
import re
from collections.abc import Mapping
from typing import NamedTuple

# https://www.w3.org/TR/trace-context/#traceparent-header, version 00; all-zero ids are invalid.
_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_CORRELATION_ID = re.compile(r"[A-Za-z0-9._:=+/@-]{1,128}")


class Trace(NamedTuple):
    """Carried by every row, event and message that a request causes."""

    correlation_id: str
    traceparent: str


def from_headers(headers: Mapping[str, str], *, request_id: str) -> Trace:
    """Continue the caller's trace where its headers are valid, start one where they are not."""
    correlation_id = headers.get("x-correlation-id", "")
    traceparent = headers.get("traceparent", "")
    return Trace(
        correlation_id if _CORRELATION_ID.fullmatch(correlation_id) else request_id,
        traceparent if _TRACEPARENT.fullmatch(traceparent) else _new_traceparent(),
    )


def of(row: Mapping[str, object]) -> Trace:
    """Read the trace that `row` or a message body carries."""
    return Trace(str(row.get("correlation_id", "")), str(row.get("traceparent", "")))


def _new_traceparent() -> str:
    return f"00-{os.urandom(16).hex()}-{os.urandom(8).hex()}-01"
