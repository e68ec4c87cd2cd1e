"""What a caller may ask of an import, in the query of the request that starts it."""

import re
from collections.abc import Mapping

from interchange import http
from interchange.errors import BadRequest
from interchange.store import Item

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
ENCODINGS = ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "iso-8859-1", "windows-1252")
PATTERN = "^([0-9]{1,9}|([0-9]{1,2}|100)%)$"

_MAX_ERRORS = re.compile(PATTERN)
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "mode": ("create", "upsert"),
    "dry_run": ("false", "true"),
    "notify": ("false", "true"),
    "delimiter": tuple(DELIMITERS),
    "encoding": ENCODINGS,
}
_KNOWN = frozenset({*_CHOICES, "max_errors"})


def asked(event: http.Event) -> Item:
    """Read the options; BadRequest for an unknown one: `dryrun=true` must not import."""
    unknown = (event["multiValueQueryStringParameters"] or {}).keys() - _KNOWN
    if unknown:
        detail = f"This route reads the parameters {', '.join(sorted(_KNOWN))}."
        raise BadRequest(detail, code="bad_query")
    return {
        "mode": _choice(event, "mode") or "create",
        "dry_run": _choice(event, "dry_run") == "true",
        "notify": _choice(event, "notify") == "true",
        "delimiter": _choice(event, "delimiter"),
        "encoding": _choice(event, "encoding"),
        "max_errors": max_errors(event),
    }


def max_errors(event: http.Event) -> str | None:
    """Read how many rows may fail before the import stops: a count, or percent of all rows."""
    given = http.query(event, "max_errors")
    if given is not None and not _MAX_ERRORS.fullmatch(given):
        detail = "max_errors is a count such as 100, or a percentage such as 5%."
        raise BadRequest(detail, code="bad_query")
    return given


def error_limit(given: str | None, rows: int) -> int | None:
    """Say how many of so many rows may fail; None: all may."""
    if given is None:
        return None
    number = int(given.removesuffix("%"))
    return rows * number // 100 if given.endswith("%") else number


def _choice(event: http.Event, name: str) -> str | None:
    given = http.query(event, name)
    if given is not None and given not in _CHOICES[name]:
        detail = f"{name} is one of {', '.join(_CHOICES[name])}."
        raise BadRequest(detail, code="bad_query")
    return given
