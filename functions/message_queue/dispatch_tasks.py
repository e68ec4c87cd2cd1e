"""Send a message for every task that is due, or will be: the tasks table is the outbox.

A message says only "task X is due". Each priority has a queue of its own, so none waits behind
another. Ordered tasks are not sent from here: their lanes are (`dispatch_steering`). A dead task's
message goes to the dead-letter queue, where an alarm waits: whatever ends there needs a person.
"""

import json
from dataclasses import dataclass

from interchange import clock, config, later, messages
from interchange.later import Message
from interchange.streams import Change, from_stream
from message_queue.lifecycle import WAITING


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    high_tasks_queue_url: str
    tasks_queue_url: str
    low_tasks_queue_url: str
    tasks_dead_letter_queue_url: str


settings = config.reader(Settings)


@from_stream
def handler(changes: list[Change]) -> None:
    """Carry each change to its queue; a second message for a task is recognised by its worker."""
    due = [each for each in changes if each.new["status"] in WAITING and not _ordered(each)]
    for priority, queue in _queues().items():
        mine = [each for each in due if each.new.get("priority", "normal") == priority]
        later.send(queue, map(_message, mine), now=clock.now())
    dead = [change for change in changes if change.new["status"] == "dead"]
    messages.send(settings().tasks_dead_letter_queue_url, map(_dead_letter, dead))


def _queues() -> dict[str, str]:
    return {
        "high": settings().high_tasks_queue_url,
        "normal": settings().tasks_queue_url,
        "low": settings().low_tasks_queue_url,
    }


def _ordered(change: Change) -> bool:
    return "ordering_key" in change.new


def _message(change: Change) -> Message:
    """Name it after the row's version: the same change sent twice is one schedule."""
    task = change.new
    name = f"{task['id']}#{task['version']}"
    return Message(name, _body(change), clock.parse(task["due_at"]), task.get("fairness_key"))


def _dead_letter(change: Change) -> messages.Message:
    return messages.Message(_body(change))


def _body(change: Change) -> str:
    task = change.new
    hint = {name: task[name] for name in ("type", "priority", "admitted") if name in task}
    return json.dumps({"task_id": task["id"], **hint, **change.trace._asdict()})
