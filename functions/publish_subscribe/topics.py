"""Topics: what callers say of them, their rows, and those that are there from the first deploy."""

import json
import re
from typing import Annotated, Any

from pydantic import Field, JsonValue, StringConstraints

from interchange import store
from interchange.store import Item
from interchange.topics import BUILT_IN as BUILT_IN  # noqa: PLC0414 - callers speak of topics.BUILT_IN
from interchange.validation import Body
from publish_subscribe import payload_schemas

# Each of those that are built in gets a row with its first change.
_BUILT_IN_SINCE = "1970-01-01T00:00:00.000Z"

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?")


class Topic(Body):
    """What a caller may say of a topic."""

    description: Annotated[str, StringConstraints(max_length=1000)] = ""
    payload_schema: Annotated[
        dict[str, JsonValue] | None,
        Field(alias="schema", description="JSON Schema 2020-12 that each payload must satisfy"),
    ] = None
    ordered: Annotated[
        bool, Field(description="Whether each event has a key, in whose order it is consumed")
    ] = False


def is_name(text: str) -> bool:
    """Tell whether a topic may have this name."""
    return _NAME.fullmatch(text) is not None


def fields(topic: Topic) -> Item:
    """Give what a row says of a topic; the schema as text, since rows hold no fractions."""
    schema = topic.payload_schema
    return {
        "description": topic.description,
        "schema": None if schema is None else payload_schemas.text_of(schema),
        "ordered": topic.ordered,
    }


def row(name: str, topic: Topic, *, now: str) -> Item:
    """Make a new topic's row."""
    return {"id": name, **fields(topic), "created_at": now, "updated_at": now, "version": 1}


def find(table: str, name: str) -> Item | None:
    """Read a topic; one that is built in is there before it has a row."""
    if name in BUILT_IN:
        return find_built_in(table, name)
    return store.get(table, {"id": name}) if is_name(name) else None


def find_built_in(table: str, name: str) -> Item:
    """Read a built-in topic."""
    return store.get(table, {"id": name}) or built_in(name)


def built_in(name: str) -> Item:
    """Give the row that a built-in topic has before its first change."""
    return row(name, Topic(description=BUILT_IN[name]), now=_BUILT_IN_SINCE)


def representation(row: Item) -> dict[str, Any]:
    """Show a topic: its row, with the schema as it was given."""
    schema = row["schema"]
    return row | {"schema": None if schema is None else json.loads(schema)}
