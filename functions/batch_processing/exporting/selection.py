"""Which users an export has, and which of their columns."""

from collections.abc import Callable
from typing import Literal, get_args

from interchange.store import Item

type Column = Literal["id", "email", "name", "origin", "created_at", "version"]

COLUMNS: tuple[str, ...] = get_args(Column.__value__)
IMPORTABLE: list[Column] = ["email", "name"]  # what an import takes

_LOOKED_AT = {
    "created_from": "created_at",
    "created_to": "created_at",
    "origin": "origin",
    "email_domain": "email",
}


def attributes(asked: Item) -> list[str]:
    """Name what is to be read of each user: the columns, and what the filter looks at."""
    wanted = {*asked["columns"], *(_LOOKED_AT[name] for name in asked["filter"])}
    return [each for each in COLUMNS if each in wanted]


def is_chosen(user: Item, wanted: Item) -> bool:
    """Tell whether a user passes every part of a filter; its window is half-open."""
    return all(_PASSES[name](user, value) for name, value in wanted.items())


_PASSES: dict[str, Callable[[Item, str], bool]] = {
    "created_from": lambda user, moment: user["created_at"] >= moment,
    "created_to": lambda user, moment: user["created_at"] < moment,
    "origin": lambda user, origin: user.get("origin") == origin,
    "email_domain": lambda user, domain: user["email"].rpartition("@")[2] == domain,
}
