"""Publish events: to the topic, and those that are ordered to the FIFO topic before.

All are taken, or NotTaken says which are not. Of one key's events none is sent after one that was
not taken, and no call has two of them: SNS may take a batch in part.
"""

import hashlib
import itertools
import random
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from interchange import aws, claim_check, config, messages, refusals
from interchange.envelope import Event
from interchange.observability import logger

_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 2.0


@dataclass(frozen=True)
class Settings:
    """What the template gives every function that publishes."""

    events_topic_arn: str
    ordered_events_topic_arn: str


settings = config.reader(Settings)


class NotTaken(Exception):
    """SNS did not get or take the events with these indices; it has the others."""

    def __init__(self, indices: Iterable[int]) -> None:
        self.indices = frozenset(indices)
        super().__init__(f"SNS did not take {len(self.indices)} of the events")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An event with its text as it is to travel; `subscriber` names the only one to get it."""

    event: Event
    text: str
    subscriber: str | None = None


@dataclass(slots=True)
class _Letter:
    """What SNS gets for an event, and the topics that have not taken it yet, in order.

    It is refused where no second try can mend what is wrong: then it waits for no patience.
    """

    index: int
    outgoing: Outgoing
    group: str | None
    entry: dict[str, Any]
    topics: list[str]
    is_refused: bool = False


def publish(events: Iterable[Event], *, patience: float = 0) -> None:
    """Publish events, filterable by `topic` and `type`; try again for `patience` seconds."""
    send([Outgoing(event, event.to_json()) for event in events], patience=patience)


def send(outgoing: Sequence[Outgoing], *, patience: float = 0) -> None:
    """Publish texts that were written before, such as the log's, the same way."""
    ends_at = time.monotonic() + patience
    waiting = [_letter(index, each) for index, each in enumerate(outgoing)]
    for attempt in itertools.count():
        waiting = _round(waiting)
        if not waiting:
            return
        longest = min(_LONGEST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * 2**attempt)
        pause = random.uniform(0, longest)  # noqa: S311 - spreads, guards nothing
        if time.monotonic() + pause >= ends_at or all(each.is_refused for each in waiting):
            raise NotTaken(each.index for each in waiting)
        time.sleep(pause)


def _letter(index: int, outgoing: Outgoing) -> _Letter:
    event = outgoing.event
    entry = {"Id": str(index), "MessageAttributes": _attributes(outgoing)}
    topics = [settings().events_topic_arn]
    if event.key is None:
        return _Letter(index, outgoing, None, entry, topics)
    group = _digest(event.topic, event.key)
    entry["MessageGroupId"] = group
    entry["MessageDeduplicationId"] = _digest(event.source, event.id, event.replay or "")
    return _Letter(index, outgoing, group, entry, [settings().ordered_events_topic_arn, *topics])


def _attributes(outgoing: Outgoing) -> dict[str, Any]:
    event = outgoing.event
    values = {"topic": event.topic, "type": event.type}
    values |= {} if event.replay is None else {"replay": event.replay}
    values |= {} if outgoing.subscriber is None else {"subscriber": outgoing.subscriber}
    return {name: {"DataType": "String", "StringValue": text} for name, text in values.items()}


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _round(letters: list[_Letter]) -> list[_Letter]:
    """Offer every letter to each of its topics once; give back those that are not through."""
    ready = list(_ready(letters))
    for wave in _waves(letter for letter in ready if len(letter.topics) > 1):
        _offer(settings().ordered_events_topic_arn, wave)
    _offer(settings().events_topic_arn, [each for each in ready if len(each.topics) == 1])
    return [each for each in letters if each.topics]


def _ready(letters: list[_Letter]) -> Iterator[_Letter]:
    """Give those that can be sent; of a group none behind one that cannot, and shares its fate."""
    held: dict[str, _Letter] = {}
    for letter in letters:
        before = held.get(letter.group or "")
        letter.is_refused |= before is not None and before.is_refused
        if before is None and not letter.is_refused and _is_written(letter):
            yield letter
        elif letter.group is not None:
            held.setdefault(letter.group, letter)


def _is_written(letter: _Letter) -> bool:
    """Write what travels, once; a large event is put into the bucket for that."""
    if "Message" not in letter.entry:
        try:
            letter.entry["Message"] = claim_check.message(
                letter.outgoing.event, letter.outgoing.text
            )
        except (ClientError, BotoCoreError) as error:
            _keep_back([letter], error)
    return "Message" in letter.entry


def _waves(letters: Iterable[_Letter]) -> Iterator[list[_Letter]]:
    """Give the next letter of each group, again and again; one that is refused ends its group."""
    groups: dict[str | None, list[_Letter]] = {}
    for letter in letters:
        groups.setdefault(letter.group, []).append(letter)
    while groups:
        wave = [group[0] for group in groups.values()]
        yield wave
        refused = {letter.group for letter in wave if len(letter.topics) > 1}
        groups = {
            name: group[1:] for name, group in groups.items() if group[1:] and name not in refused
        }


def _offer(topic_arn: str, letters: list[_Letter]) -> None:
    for batch in messages.batches(letters, size=_weight):
        try:
            taken = _taken(topic_arn, [_addressed(each, topic_arn) for each in batch])
        except (ClientError, BotoCoreError) as error:
            _keep_back(batch, error)
            continue
        for letter in batch:
            if letter.entry["Id"] in taken:
                letter.topics.pop(0)


def _keep_back(letters: list[_Letter], error: ClientError | BotoCoreError) -> None:
    """Leave letters for the next round; refused are those whose fault does not pass by itself.

    Without an answer SNS may have them all the same: receivers recognise that.
    """
    if isinstance(error, ClientError) and not refusals.is_busy(error):
        logger.exception("Events were refused", events=len(letters))
        for each in letters:
            each.is_refused = True


def _weight(letter: _Letter) -> int:
    """Count an entry's bytes as SNS does: its text, and its attributes with names and types."""
    attributes = letter.entry["MessageAttributes"]
    texts = [letter.entry["Message"], *attributes]
    texts += [text for each in attributes.values() for text in each.values()]
    return sum(len(text.encode()) for text in texts)


def _addressed(letter: _Letter, topic_arn: str) -> dict[str, Any]:
    """Write the entry for one topic: the standard one would take a group for fair queues' sake."""
    if topic_arn != settings().events_topic_arn:
        return letter.entry
    fifo = {"MessageGroupId", "MessageDeduplicationId"}
    return {name: value for name, value in letter.entry.items() if name not in fifo}


def _taken(topic_arn: str, entries: list[Any]) -> set[str]:
    """Name the entries that SNS has acknowledged."""
    answer = aws.sns().publish_batch(TopicArn=topic_arn, PublishBatchRequestEntries=entries)
    return {each["Id"] for each in entries} - {each["Id"] for each in answer.get("Failed", [])}
