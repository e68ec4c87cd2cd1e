"""Send a message for every task that is due: the tasks table is the outbox, its stream the sender.

A message says only "task X is due". A dead task's message goes to the dead-letter queue, where an
alarm waits: whatever ends there needs a person.
"""

import json
import math
from dataclasses import dataclass

from interchange import clock, config, messages
from interchange.messages import Message
from interchange.streams import Change, from_stream


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    tasks_queue_url: str
    tasks_dead_letter_queue_url: str


settings = config.reader(Settings)


@from_stream
def handler(changes: list[Change]) -> None:
    """Carry each change to its queue; a second message for a task is recognised by its worker."""
    dead = [change for change in changes if change.new["status"] == "dead"]
    due = [change for change in changes if change.new["status"] in ("queued", "retry_wait")]
    messages.send(settings().tasks_queue_url, map(_message, due))
    messages.send(settings().tasks_dead_letter_queue_url, map(_message, dead))


def _message(change: Change) -> Message:
    task = change.new
    body = {"task_id": task["id"], **change.trace._asdict()}
    wait = (clock.parse(task["due_at"]) - clock.now()).total_seconds()
    if task["status"] == "dead":
        wait = 0
    # Our clock may be behind the one that wrote the row: SQS takes no more than this.
    delay = min(math.ceil(wait), messages.LONGEST_DELAY_SECONDS)
    return Message(json.dumps(body), delay_seconds=max(0, delay))
