"""Welcome who registers: a subscriber to `user.registered` that enqueues an e-mail task."""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ValidationError, ValidatorFunctionWrapHandler, WrapValidator

from interchange import clock, config, ids, store, tasks
from interchange.envelope import Event
from interchange.new_user import PersonName
from interchange.observability import count, logger
from interchange.subscribers import Dropped, each_event
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


@each_event
def handler(event: Event) -> None:
    """Enqueue one welcome per event: the task's id comes from the event's, so twice is once."""
    user = _registered(event)
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
        logger.info("Welcome enqueued before", task_id=task["id"], event_id=event.log_id)
        return
    count("WelcomeEnqueued")
    logger.info("Welcome enqueued", task_id=task["id"], event_id=event.log_id)


def _registered(event: Event) -> Registered:
    """Read who registered: anyone may publish this type, nobody is to be woken for a bad one."""
    try:
        return Registered.model_validate(event.data)
    except ValidationError:
        raise Dropped("the event names nobody to welcome") from None


def _greeting(user: Registered) -> str:
    name = f" {user.name}" if user.name else ""
    return f"Hello{name},\n\nwelcome aboard."
