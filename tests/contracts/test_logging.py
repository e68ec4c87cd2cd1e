"""Log lines must not use the names that LogRecord keeps for itself: the call raises."""

import ast
import logging
from pathlib import Path

ROOT = Path(__file__).parents[2]
RESERVED = {*vars(logging.makeLogRecord({})), "message", "asctime"}
METHODS = {"debug", "info", "warning", "error", "exception", "critical"}


def test_no_log_line_overwrites_an_attribute_of_the_record() -> None:
    clashes = [
        f"{path.relative_to(ROOT)}:{call.lineno}: {keyword.arg}"
        for folder in ("functions", "layers/interchange")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and is_log_call(call)
        for keyword in call.keywords
        if keyword.arg in RESERVED - {"exc_info", "stack_info"}
    ]

    assert clashes == []


def is_log_call(call: ast.Call) -> bool:
    """Tell `logger.info(…)` and its like."""
    function = call.func
    return (
        isinstance(function, ast.Attribute)
        and isinstance(function.value, ast.Name)
        and function.value.id == "logger"
        and function.attr in METHODS
    )
