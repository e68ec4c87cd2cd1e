"""A report as CSV: a row a number, so that whatever reads it needs to know no columns by heart."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from batch_processing.formats.cells import escaped

_HEAD = ("date", "section", "measure", "name", "value")
_ABOUT = {"id", "run", "made_at", "period", "week"}


def write(report: dict[str, Any]) -> str:
    """Write all numbers of the day; the week's are in the other days' reports."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(_HEAD)
    for section in (each for each in report if each not in _ABOUT):
        for measure, name, value in _numbers(report[section]):
            writer.writerow([report["id"], section, measure, escaped(name), value])
    return text.getvalue()


def _numbers(section: dict[str, Any]) -> Iterator[tuple[str, str, int]]:
    for measure, value in section.items():
        match value:
            case int():
                yield measure, "", value
            case list():
                yield from _listed(measure, value)
            case _:
                yield from _named(measure, value, "")


def _listed(measure: str, values: list[dict[str, Any]]) -> Iterator[tuple[str, str, int]]:
    """Name each entry of a list by its first member."""
    for each in values:
        name, *numbers = each
        for number in numbers:
            kind = f"{measure}.{number}" if len(numbers) > 1 else measure
            yield kind, each[name], each[number]


def _named(measure: str, values: dict[str, Any], before: str) -> Iterator[tuple[str, str, int]]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _named(measure, value, f"{before}{name} ")
        else:
            yield measure, f"{before}{name}", value
