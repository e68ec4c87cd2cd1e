"""What is wrong with a row, as callers see it."""

from typing import TypedDict


class RowError(TypedDict):
    """One fault of one row; `column` is None where the row as a whole is at fault."""

    row: int
    line: int
    column: str | None
    code: str
    detail: str
