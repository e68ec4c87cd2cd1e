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
    given = Trace(headers.get("x-correlation-id", ""), headers.get("traceparent", ""))
    return continued(given, otherwise=Trace(request_id, _new_traceparent()))


def continued(given: Trace, *, otherwise: Trace) -> Trace:
    """Give each part of a trace that is valid, and the other's where it is not."""
    return Trace(
        given.correlation_id
        if _CORRELATION_ID.fullmatch(given.correlation_id)
        else otherwise.correlation_id,
        given.traceparent if _TRACEPARENT.fullmatch(given.traceparent) else otherwise.traceparent,
    )


def of(row: Mapping[str, object]) -> Trace:
    """Read the trace that `row` or a message body carries."""
    return Trace(str(row.get("correlation_id", "")), str(row.get("traceparent", "")))


def _new_traceparent() -> str:
    return f"00-{os.urandom(16).hex()}-{os.urandom(8).hex()}-01"
