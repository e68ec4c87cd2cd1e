"""Each subscriber's queue, and the dead-letter queue behind it."""

import json
from dataclasses import dataclass
from typing import NamedTuple

from interchange import aws, config

_COUNTS = {
    "waiting": "ApproximateNumberOfMessages",
    "in_flight": "ApproximateNumberOfMessagesNotVisible",
    "delayed": "ApproximateNumberOfMessagesDelayed",
}


@dataclass(frozen=True)
class Settings:
    """What the template gives: {"welcome_user": ["<queue's URL>", "<dead-letter queue's>"]}."""

    subscriber_queues: str


settings = config.reader(Settings)


class Queues(NamedTuple):
    """The URLs of a subscriber's two queues."""

    queue: str
    dead_letter_queue: str


def every() -> dict[str, Queues]:
    """Give every subscriber's queues by its name."""
    found = json.loads(settings().subscriber_queues)
    return {name: Queues(*urls) for name, urls in sorted(found.items())}


def depth(url: str) -> dict[str, int]:
    """Count a queue's messages; SQS's own counts lag by seconds."""
    asked = list(_COUNTS.values())
    answer = aws.sqs().get_queue_attributes(QueueUrl=url, AttributeNames=asked)  # type: ignore[arg-type]  # names of the stubs' own
    return {name: int(answer["Attributes"][each]) for name, each in _COUNTS.items()}  # type: ignore[index]
