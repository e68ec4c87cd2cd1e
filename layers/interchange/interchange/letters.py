"""What SNS gets for an event: a text, attributes to filter by, and a group where it has a key."""

import hashlib
from dataclasses import dataclass
from typing import Any

from interchange import claim_check
from interchange.envelope import Event

_FIFO = frozenset({"MessageGroupId", "MessageDeduplicationId"})


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An event with its text as it is to travel; `subscriber` names the only one to get it."""

    event: Event
    text: str
    subscriber: str | None = None


@dataclass(slots=True)
class Letter:
    """What SNS gets for an event, and the topics that have not taken it yet, in order.

    It is refused where no second try can mend what is wrong: then it waits for no patience.
    """

    index: int
    outgoing: Outgoing
    group: str | None
    entry: dict[str, Any]
    topics: list[str]
    is_refused: bool = False


def of(index: int, outgoing: Outgoing, *, topic: str, ordered_topic: str) -> Letter:
    """Address an event; one with a key goes to the topic that keeps order first."""
    event = outgoing.event
    entry = {"Id": str(index), "MessageAttributes": _attributes(outgoing)}
    if event.key is None:
        return Letter(index, outgoing, None, entry, [topic])
    group = _digest(event.topic, event.key)
    entry["MessageGroupId"] = group
    entry["MessageDeduplicationId"] = _digest(event.source, event.id, event.replay or "")
    return Letter(index, outgoing, group, entry, [ordered_topic, topic])


def _attributes(outgoing: Outgoing) -> dict[str, Any]:
    event = outgoing.event
    values = {"topic": event.topic, "type": event.type}
    values |= {} if event.replay is None else {"replay": event.replay}
    values |= {} if outgoing.subscriber is None else {"subscriber": outgoing.subscriber}
    return {name: {"DataType": "String", "StringValue": text} for name, text in values.items()}


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def write(letter: Letter) -> None:
    """Write what travels, once; a large event is put into the bucket for that."""
    if "Message" not in letter.entry:
        outgoing = letter.outgoing
        letter.entry["Message"] = claim_check.message(outgoing.event, outgoing.text)


def weight(letter: Letter) -> int:
    """Count an entry's bytes as SNS does: its text, and its attributes with names and types."""
    attributes = letter.entry["MessageAttributes"]
    texts = [letter.entry["Message"], *attributes]
    texts += [text for each in attributes.values() for text in each.values()]
    return sum(len(text.encode()) for text in texts)


def ungrouped(letter: Letter) -> dict[str, Any]:
    """Write the entry for the standard topic, which would take a group for fair queues' sake."""
    return {name: value for name, value in letter.entry.items() if name not in _FIFO}
