"""Send a message for every step of a synchronisation: its row is the outbox, the stream sends."""

import json
from dataclasses import dataclass

from interchange import config, messages
from interchange.messages import Message
from interchange.streams import Change, from_stream


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    sync_steps_queue_url: str


settings = config.reader(Settings)


@from_stream
def handler(changes: list[Change]) -> None:
    """Carry each new step to the queue; most changes of a run are progress, and say nothing."""
    due = [each for each in changes if each.new["step"] != each.old.get("step")]
    messages.send(settings().sync_steps_queue_url, map(_message, due))


def _message(change: Change) -> Message:
    run = change.new
    body = {"job_id": run["job_id"], "step": run["step"], **change.trace._asdict()}
    return Message(json.dumps(body))
