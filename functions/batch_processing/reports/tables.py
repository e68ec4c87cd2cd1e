"""Tables of the page: what a chart shows, in numbers."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any


def folded(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Write a table that is opened by whoever wants the numbers."""
    return f"<details><summary>In numbers</summary>{whole(heads, rows)}</details>"


def whole(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Write a table: of each row a name, then numbers."""
    head = "".join(f'<th scope="col">{escape(each)}</th>' for each in heads)
    body = "".join(_row(each) for each in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def said(number: int | None) -> str:
    """Write a number, or that there is none because the day has no report."""
    return "no report" if number is None else f"{number:,}"


def _row(cells: Sequence[Any]) -> str:
    name, *numbers = cells
    written = "".join(f"<td>{said(each)}</td>" for each in numbers)
    return f'<tr><th scope="row">{escape(str(name))}</th>{written}</tr>'
