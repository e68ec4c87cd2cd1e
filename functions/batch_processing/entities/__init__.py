"""What can be imported: a module each, and a line here."""

from batch_processing.entities.entity import Entity
from batch_processing.entities.users import USERS

ENTITIES: dict[str, Entity] = {"users": USERS}
