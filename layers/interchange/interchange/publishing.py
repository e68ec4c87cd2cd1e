"""Publish events: to the topic, and those that are ordered to the FIFO topic before.

All are taken, or NotTaken says which are not. Of one key's events none is sent after one that was
not taken, and no call has two of them: SNS may take a batch in part.
"""

import itertools
import random
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from interchange import aws, config, letters, messages, refusals
from interchange.envelope import Event
from interchange.letters import Letter, Outgoing
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


def _letter(index: int, outgoing: Outgoing) -> Letter:
    topic, ordered = settings().events_topic_arn, settings().ordered_events_topic_arn
    return letters.of(index, outgoing, topic=topic, ordered_topic=ordered)


def _round(waiting: list[Letter]) -> list[Letter]:
    """Offer every letter to each of its topics once; give back those that are not through."""
    ready = list(_ready(waiting))
    for wave in _waves(letter for letter in ready if len(letter.topics) > 1):
        _offer(settings().ordered_events_topic_arn, wave)
    _offer(settings().events_topic_arn, [each for each in ready if len(each.topics) == 1])
    return [each for each in waiting if each.topics]


def _ready(waiting: list[Letter]) -> Iterator[Letter]:
    """Give those that can be sent; of a group none behind one that cannot, and shares its fate."""
    held: dict[str, Letter] = {}
    for letter in waiting:
        before = held.get(letter.group or "")
        letter.is_refused |= before is not None and before.is_refused
        if before is None and not letter.is_refused and _is_written(letter):
            yield letter
        elif letter.group is not None:
            held.setdefault(letter.group, letter)


def _is_written(letter: Letter) -> bool:
    try:
        letters.write(letter)
    except (ClientError, BotoCoreError) as error:
        _keep_back([letter], error)
        return False
    return True


def _waves(ready: Iterable[Letter]) -> Iterator[list[Letter]]:
    """Give the next letter of each group, again and again; one that is refused ends its group."""
    groups: dict[str | None, list[Letter]] = {}
    for letter in ready:
        groups.setdefault(letter.group, []).append(letter)
    while groups:
        wave = [group[0] for group in groups.values()]
        yield wave
        refused = {letter.group for letter in wave if len(letter.topics) > 1}
        groups = {
            name: group[1:] for name, group in groups.items() if group[1:] and name not in refused
        }


def _offer(topic_arn: str, ready: list[Letter]) -> None:
    is_ordered = topic_arn != settings().events_topic_arn
    for batch in messages.batches(ready, size=letters.weight):
        entries = [each.entry if is_ordered else letters.ungrouped(each) for each in batch]
        try:
            taken = _taken(topic_arn, entries)
        except (ClientError, BotoCoreError) as error:
            _keep_back(batch, error)
            continue
        for letter in batch:
            if letter.entry["Id"] in taken:
                letter.topics.pop(0)


def _keep_back(batch: list[Letter], error: ClientError | BotoCoreError) -> None:
    """Leave letters for the next round; refused are those whose fault does not pass by itself.

    Without an answer SNS may have them all the same: receivers recognise that.
    """
    if isinstance(error, ClientError) and not refusals.is_busy(error):
        logger.exception("Events were refused", events=len(batch))
        for each in batch:
            each.is_refused = True


def _taken(topic_arn: str, entries: list[Any]) -> set[str]:
    """Name the entries that SNS has acknowledged."""
    answer = aws.sns().publish_batch(TopicArn=topic_arn, PublishBatchRequestEntries=entries)
    return {each["Id"] for each in entries} - {each["Id"] for each in answer.get("Failed", [])}
