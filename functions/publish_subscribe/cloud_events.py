"""CloudEvents 1.0 as publishers send them: what an attribute may be, and what is ours.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
"""

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from interchange import http, trace
from interchange.envelope import RESERVED
from interchange.errors import FieldError, UnprocessableContent
from interchange.trace import Trace
from publish_subscribe.entries import Entry

_REQUIRED = ("specversion", "id", "source", "type")
_TEXTS = frozenset(
    {"id", "source", "type", "subject", "time", "datacontenttype", "dataschema", "specversion"}
    | {"topic", "partitionkey", "correlationid", "traceparent"}
)
_OURS = frozenset({"recordedtime", "orderingkey", "recordid", "replayid"})
_OUR_SOURCES = ("/api/", "/events/", "/webhooks/", "/webhook-endpoints")

_NAME = re.compile(r"[a-z0-9]{1,64}")
# One line of Unicode: no control characters, no noncharacters; 512 fit every key of ours.
_TEXT = re.compile(r"[^\x00-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]{1,512}")
_TIME = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.IGNORECASE | re.ASCII
)
_LARGEST_KEY = 1_900  # DynamoDB's has 2,048 bytes, with the topic in it
_INTEGERS = range(-(2**31), 2**31)


def entry_of(fields: Mapping[str, Any], request: http.Event) -> Entry:
    """Make an entry of a CloudEvent; UnprocessableContent says where it breaks a rule."""
    if not isinstance(fields, dict):
        raise _broken([{"detail": "A CloudEvent is an object.", "pointer": ""}])
    given = {name: value for name, value in fields.items() if value is not None}
    given.setdefault("topic", http.query(request, "topic"))
    if faults := list(_faults(given)):
        raise _broken(faults)
    return Entry(
        topic=given["topic"],
        type=given["type"],
        data=_data(given),
        member="data_base64" if "data_base64" in given else "data",
        trace=_trace(given, request),
        id=given["id"],
        source=given["source"],
        subject=given.get("subject"),
        time=given.get("time"),
        datacontenttype=given.get("datacontenttype"),
        dataschema=given.get("dataschema"),
        extensions={name: given[name] for name in given if name not in RESERVED},
    )


def _faults(given: Mapping[str, Any]) -> Iterator[FieldError]:
    for name in (*_REQUIRED, "topic"):
        if given.get(name) is None:
            yield {"detail": "Must be there.", "pointer": f"/{name}"}
    for name, value in given.items():
        detail = None if value is None else _fault(name, value)
        if detail:
            yield {"detail": detail, "pointer": f"/{name.replace('~', '~0').replace('/', '~1')}"}
    if "data" in given and "data_base64" in given:
        yield {"detail": "Excludes data.", "pointer": "/data_base64"}


def _fault(name: str, value: Any) -> str | None:
    if name == "data":
        return None
    if name == "data_base64":
        return None if _decoded(value) is not None else "Must be base64."
    if not _NAME.fullmatch(name):
        return "A name has lower-case letters and digits alone."
    if name in _OURS:
        return "Is for Interchange to set."
    if name in _RULES and isinstance(value, str) and not _RULES[name](value):
        return _SAID[name]
    return _type_fault(name, value)


def _type_fault(name: str, value: Any) -> str | None:
    if isinstance(value, str):
        if _TEXT.fullmatch(value):
            return None
        return "Must be 1 to 512 characters without control characters."
    if name in _TEXTS:
        return "Must be a string."
    if isinstance(value, bool) or (isinstance(value, int) and value in _INTEGERS):
        return None
    return "Must be a string, a boolean or a 32-bit integer."


def _is_time(text: str) -> bool:
    if not _TIME.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text.upper())
    except ValueError:
        return False
    return True


_RULES: dict[str, Callable[[str], bool]] = {
    "specversion": lambda text: text == "1.0",
    "source": lambda text: not text.startswith(_OUR_SOURCES),
    "time": _is_time,
    "partitionkey": lambda text: len(text.encode()) <= _LARGEST_KEY,
}
_SAID = {
    "specversion": "Must be 1.0.",
    "source": "Must not begin as Interchange's own sources do.",
    "time": "Must be a time of RFC 3339.",
    "partitionkey": f"Must have {_LARGEST_KEY} bytes at most.",
}


def _decoded(value: Any) -> bytes | None:
    if isinstance(value, bytes):  # a binary CloudEvent's body
        return value
    try:
        return base64.b64decode(value, validate=True) if isinstance(value, str) else None
    except ValueError:
        return None


def _data(given: Mapping[str, Any]) -> Any:
    return _decoded(given["data_base64"]) if "data_base64" in given else given.get("data")


def _trace(given: Mapping[str, Any], request: http.Event) -> Trace:
    """Continue the event's own trace where it has one, and the request's where not."""
    own = Trace(given.get("correlationid", ""), given.get("traceparent", ""))
    return trace.continued(own, otherwise=http.trace_of(request))


def _broken(faults: list[FieldError]) -> UnprocessableContent:
    return UnprocessableContent("The CloudEvent breaks a rule.", errors=faults)
