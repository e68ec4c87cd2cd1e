"""Settings: what the template gives a function, read once from its environment.

A frozen dataclass per function whose field names are the variables in lower case. Not pydantic:
its import would triple the settings' share of a cold start (docs/decisions.md).
"""

import dataclasses
import os
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

_READERS: dict[type, Callable[[str], Any]] = {str: str, int: int, float: float}


class MissingSetting(Exception):
    """The template and the code disagree; names the variable and never quotes a value."""


def reader[T](settings: type[T]) -> Callable[[], T]:
    """Return a function that loads `settings` from the environment on first use and keeps them."""
    return cache(lambda: load(settings, os.environ))


def load[T](settings: type[T], environ: Mapping[str, str]) -> T:
    """Build `settings` from `environ`; MissingSetting names an absent or unreadable variable."""
    values = {}
    for field in dataclasses.fields(settings):  # type: ignore[arg-type]  # T is a dataclass
        name = field.name.upper()
        try:
            values[field.name] = _READERS[field.type](environ[name])  # type: ignore[index]
        except (KeyError, ValueError):
            raise MissingSetting(f"{settings.__name__}: {name} is missing or unreadable") from None
    return settings(**values)
