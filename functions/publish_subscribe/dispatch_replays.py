"""Send a message for every step of a replay: its row is the outbox, the stream the sender.

A message says only "step N of replay X is due"; a step that is over by then is recognised.
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

    replays_queue_url: str


settings = config.reader(Settings)


@from_stream
def handler(changes: list[Change]) -> None:
    """Carry each step to the queue, which keeps it back until it is due."""
    messages.send(settings().replays_queue_url, map(_message, changes))


def _message(change: Change) -> Message:
    replay = change.new
    body = {"replay_id": replay["id"], "step": replay["step"], **change.trace._asdict()}
    wait = (clock.parse(replay["due_at"]) - clock.now()).total_seconds()
    return Message(json.dumps(body), delay_seconds=max(0, math.ceil(wait)))
