"""Send a message for every step of a report: its row is the outbox, the stream the sender."""

import json
from dataclasses import dataclass

from interchange import config, messages
from interchange.messages import Message
from interchange.streams import Change, from_stream


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    reports_queue_url: str


settings = config.reader(Settings)


@from_stream
def handler(changes: list[Change]) -> None:
    """Carry each new step to the queue; an attempt of the same one is no news."""
    due = [each for each in changes if _step(each.new) != _step(each.old)]
    messages.send(settings().reports_queue_url, map(_message, due))


def _step(row: dict[str, object]) -> tuple[object, object]:
    return row.get("run"), row.get("step")


def _message(change: Change) -> Message:
    row = change.new
    body = {"id": row["id"], "run": row["run"], "step": row["step"], **change.trace._asdict()}
    return Message(json.dumps(body))
