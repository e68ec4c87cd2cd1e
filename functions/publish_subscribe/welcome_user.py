"""Welcome who registers: a subscriber to `user.registered` that enqueues an e-mail task."""

from dataclasses import dataclass

from interchange import clock, config, envelope, ids, store, tasks
from interchange.observability import count, logger
from interchange.records import Message, each_message


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    tasks_table: str


settings = config.reader(Settings)


@each_message
def handler(message: Message) -> None:
    """Enqueue one welcome per event: the task's id comes from the event's, so twice is once."""
    event = envelope.from_dict(message.body)
    recipient = event.data.get("email") if isinstance(event.data, dict) else None
    if not isinstance(
        recipient, str
    ):  # anyone may publish this type; without an address it is no work
        logger.warning("Welcome dropped: the event has no e-mail address", event_id=event.id)
        return
    task = tasks.row(
        id=ids.derived("tsk", "welcome", event.source, event.id),
        type="email_notification",
        payload={"recipient": recipient, "subject": "Welcome!", "body": _greeting(event.data)},
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


def _greeting(user: dict[str, object]) -> str:
    name = user.get("name")
    return (
        f"Hello {name},\n\nwelcome aboard."
        if isinstance(name, str)
        else "Hello,\n\nwelcome aboard."
    )
