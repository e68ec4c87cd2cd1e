"""What of all events an endpoint gets: topics, types, CloudEvents filters, values in the payload.

https://github.com/cloudevents/spec/blob/main/subscriptions/spec.md#324-filters
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from interchange.store import Item

type Fields = Mapping[str, Any]

_ABSENT = object()


def matches(endpoint: Item, event: Fields) -> bool:
    """Tell whether an endpoint wants an event; what it does not mention, it does not mind."""
    return (
        _among(event.get("topic"), endpoint["topics"])
        and _among(event.get("type"), endpoint["types"])
        and all(_holds(each, event) for each in json.loads(endpoint["filters"]))
        and all(
            _same(_at(pointer, event.get("data", _ABSENT)), wanted)
            for pointer, wanted in json.loads(endpoint["data_equals"]).items()
        )
    )


def _among(value: object, wanted: list[str]) -> bool:
    return not wanted or value in wanted


def _holds(filter: Fields, event: Fields) -> bool:
    ((dialect, operand),) = filter.items()
    return _DIALECTS[dialect](operand, event)


def _compared(compare: Callable[[str, str], bool]) -> Callable[[Any, Fields], bool]:
    """Compare every attribute that is named; one that is absent, or no text, is no match."""

    def holds(operand: Mapping[str, str], event: Fields) -> bool:
        found = {name: event.get(name) for name in operand}
        return all(
            isinstance(value, str) and compare(value, operand[name])
            for name, value in found.items()
        )

    return holds


_DIALECTS: dict[str, Callable[[Any, Fields], bool]] = {
    "exact": _compared(lambda value, wanted: value == wanted),
    "prefix": _compared(lambda value, wanted: value.startswith(wanted)),
    "suffix": _compared(lambda value, wanted: value.endswith(wanted)),
    "all": lambda operand, event: all(_holds(each, event) for each in operand),
    "any": lambda operand, event: any(_holds(each, event) for each in operand),
    "not": lambda operand, event: not _holds(operand, event),
}


def _at(pointer: str, data: Any) -> Any:
    """Find what a JSON pointer (RFC 6901) names."""
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(data, dict):
            data = data.get(name, _ABSENT)
        elif isinstance(data, list) and name.isdecimal() and name.isascii():
            data = data[int(name)] if int(name) < len(data) else _ABSENT
        else:
            return _ABSENT
    return data


def _same(found: Any, wanted: Any) -> bool:
    """Compare as JSON does: true is not 1."""
    return found == wanted and isinstance(found, bool) == isinstance(wanted, bool)
