"""Users: an address, which is the identity, and a name."""

from batch_processing.entities.entity import Entity
from interchange import trace, users
from interchange.new_user import NewUser
from interchange.store import Item


def _create(user: NewUser, job: Item, now: str) -> Item:
    # The origin names the event: who was only imported has not registered, and is not welcomed.
    origin = "registered" if job["options"]["notify"] else "imported"
    return users.row(email=user.email, name=user.name, origin=origin, now=now, trace=trace.of(job))


USERS = Entity(
    model=NewUser,
    table="users_table",
    identify=lambda user: users.user_id(user.email),
    create=_create,
    change=lambda user: {"name": user.name},
    column="email",
    exists="user_exists",
    completed="users.import.completed",
    topic="user-events",
    source="/api/users/batch",
)
