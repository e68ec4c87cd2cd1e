"""What importing a kind of thing takes: the model that a row must be, and how it becomes a row."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from interchange.store import Item
from interchange.validation import Body


@dataclass(frozen=True, slots=True)
class Entity:
    """A kind of thing that files bring; its table's key is `id`, its rows have a `version`."""

    model: type[Body]  # a file's columns are its fields
    table: str  # which of the worker's settings names its table
    identify: Callable[[Any], str]  # the id of the record: two rows with the same are duplicates
    create: Callable[[Any, Item, str], Item]  # the new row, of the record, the job and the time
    change: Callable[[Any], Item]  # what an upsert sets on a row that is there
    column: str  # which column says which thing a row is about
    exists: str  # the code of a row that would create what is there
    completed: str  # the type of the event that tells an import's end
    topic: str  # of that event
    source: str  # of that event: the path of the route that starts imports

    @property
    def columns(self) -> frozenset[str]:
        """Name the columns that a file must have."""
        return frozenset(self.model.model_fields)
