"""Cells of CSV that a spreadsheet would take for formulas: an apostrophe before them disarms them.

What begins with apostrophes and then a formula's first character gets one more, so that taking one
off always gives back what was there. https://owasp.org/www-community/attacks/CSV_Injection
"""

import re

_FIRST = frozenset("'=+-@\t\r")  # looked at first: most cells begin otherwise
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_ESCAPED = re.compile(r"'+[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


def escaped(cell: str) -> str:
    """Disarm a cell that is to be written; a number stays one."""
    if cell[:1] not in _FIRST or not _FORMULA.match(cell) or _NUMBER.fullmatch(cell):
        return cell
    return f"'{cell}"


def unescaped(cell: str) -> str:
    """Take `escaped` back."""
    return cell[1:] if _ESCAPED.match(cell) else cell
