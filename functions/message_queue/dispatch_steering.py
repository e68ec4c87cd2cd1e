"""Send what steers the queue on its way: lanes to the FIFO queue, the rest to the steerer.

A lane's changes come in order, and go on one by one: where one cannot be sent, none behind it is.
"""

import json
from dataclasses import dataclass

from interchange import aws, clock, config, later
from interchange.later import Message
from interchange.streams import Change, from_stream


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    ordered_tasks_queue_url: str
    steering_queue_url: str


settings = config.reader(Settings)


@from_stream
def handler(changes: list[Change]) -> None:
    """Carry each change to its queue; what comes twice is recognised there."""
    for change in changes:
        if change.new["kind"] == "lane":
            _send_ordered(change)
    steered = [each for each in changes if each.new.get("status") in ("queued", "active")]
    later.send(settings().steering_queue_url, map(_message, steered), now=clock.now())


def _send_ordered(change: Change) -> None:
    lane = change.new
    change.told["task_id"] = lane["task_id"]
    hint = {"task_id": lane["task_id"], "type": lane["type"], "priority": lane["priority"]}
    aws.sqs().send_message(
        QueueUrl=settings().ordered_tasks_queue_url,
        MessageBody=json.dumps({**hint, "ordered": True, **change.trace._asdict()}),
        MessageGroupId=lane["id"],
        MessageDeduplicationId=f"{lane['id']}-{lane['version']}",
    )


def _message(change: Change) -> Message:
    """Name it after the row's version: the same change sent twice is one schedule."""
    row = change.new
    body = {"id": row["id"], "kind": row["kind"], **change.trace._asdict()}
    due = row["next_at"] if row["kind"] == "schedule" else row["due_at"]
    tick = {"tick": due} if row["kind"] == "schedule" else {}
    return Message(f"{row['id']}#{row['version']}", json.dumps(body | tick), clock.parse(due))
