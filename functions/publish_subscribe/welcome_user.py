"""Welcome who registers: a subscriber to `user.registered` that enqueues an e-mail task."""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ValidationError, ValidatorFunctionWrapHandler, WrapValidator

from interchange import clock, config, envelope, ids, store, tasks
from interchange.new_user import PersonName
from interchange.observability import count, logger
from interchange.records import Message, each_message
from interchange.validation import EmailAddress


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    tasks_table: str


settings = config.reader(Settings)


def _or_none(value: Any, validate: ValidatorFunctionWrapHandler) -> Any:
    """Take an unusable name for none: the welcome matters more."""
    try:
        return validate(value)
    except ValidationError:
        return None


class Registered(BaseModel):
    """What of a registration's data a welcome needs; publishers may say more."""

    email: EmailAddress
    name: Annotated[PersonName | None, WrapValidator(_or_none)] = None


@each_message
def handler(message: Message) -> None:
    """Enqueue one welcome per event: the task's id comes from the event's, so twice is once."""
    event = envelope.from_dict(message.body)
    try:
        user = Registered.model_validate(event.data)
    except ValidationError:
        # Anyone may publish this type; nobody is to be called out of bed for it.
        logger.warning("Welcome dropped: the event names nobody to welcome", event_id=event.id)
        return
    task = tasks.row(
        id=ids.derived("tsk", "welcome", event.source, event.id),
        type="email_notification",
        payload={"recipient": user.email, "subject": "Welcome!", "body": _greeting(user)},
        now=clock.rfc3339(clock.now()),
        trace=event.trace,
    )
    try:
        store.put_new(settings().tasks_table, task)
    except store.ConditionFailed:
        logger.info("Welcome enqueued before", task_id=task["id"])
        return
    count("WelcomeEnqueued")
    logger.info("Welcome enqueued", task_id=task["id"], event_id=event.id)


def _greeting(user: Registered) -> str:
    name = f" {user.name}" if user.name else ""
    return f"Hello{name},\n\nwelcome aboard."
