"""What a subscriber is: a function of one event, done, dropped on purpose, or tried again.

Its queue hands it one message at a time (BatchSize 1): an event that kills its process takes no
neighbour along, and SQS's receive count is the event's own number of attempts.
"""

import functools
import json
from collections.abc import Callable
from dataclasses import dataclass

from interchange import claim_check, envelope, payloads
from interchange.envelope import Event
from interchange.observability import count, logger
from interchange.records import Lambda, Message, each_message


class Dropped(Exception):
    """Say that this event is not worth another try: its message is deleted, and counted."""


@dataclass(frozen=True, slots=True)
class Received:
    """An event, its text as published, and where the text waits if it came by claim check."""

    event: Event
    text: str
    claim_check: str | None


def each_event(work: Callable[[Event], None]) -> Lambda:
    """Make a handler of `work`: done when it returns, over when Dropped, retried for all else."""

    @functools.wraps(work)
    def consume(message: Message) -> None:
        event = received(message).event
        try:
            work(event)
        except Dropped as reason:
            count("EventDropped")
            logger.warning("Event dropped", event_id=event.log_id, reason=str(reason))

    return each_message(consume)


def received(message: Message) -> Received:
    """Read the event that a message brings, by claim check or not."""
    key = claim_check.key_of(message.body)
    if key is None:
        return Received(envelope.from_dict(message.body), message.text, None)
    text = payloads.get(key).decode()
    if "replayid" in message.body:
        text = envelope.replayed(text, message.body["replayid"])
    return Received(envelope.from_dict(json.loads(text)), text, key)
