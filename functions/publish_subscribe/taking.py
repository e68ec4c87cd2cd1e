"""Take entries: check each against its topic, claim what is its publisher's own, publish the rest.

Each entry has an outcome of its own. Of one key nothing is published after what must wait.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from botocore.exceptions import BotoCoreError, ClientError

from interchange import config, http, idempotency, ids, publishing
from interchange.envelope import Event
from interchange.errors import (
    ContentTooLarge,
    InterchangeError,
    NotFound,
    Unavailable,
    UnprocessableContent,
)
from interchange.letters import Outgoing
from interchange.observability import count, logger
from interchange.store import Item
from publish_subscribe import entries, payload_schemas, publishers_ids, topics
from publish_subscribe.entries import Entry

_LARGEST_TEXT = 4_600_000  # what an answer of Lambda's, 6 MB, holds for certain


@dataclass(frozen=True)
class Settings:
    """What the template gives who checks topics."""

    topics_table: str


settings = config.reader(Settings)


@dataclass(frozen=True, slots=True)
class Taken:
    """SNS has it; `duplicate` where it had it before this request."""

    id: str
    topic: str
    duplicate: bool = False


type Outcome = Taken | InterchangeError


@dataclass(slots=True)
class _Taking:
    """What one request knows: its topics, events to send with their claims, and keys that wait."""

    lease: timedelta
    base_id: str
    topics: dict[str, Item | None] = field(default_factory=dict)
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    sending: dict[int, Outgoing] = field(default_factory=dict)
    claims: dict[int, Item] = field(default_factory=dict)
    twins: dict[int, int] = field(default_factory=dict)
    firsts: dict[str, tuple[int, str]] = field(default_factory=dict)
    waiting: set[tuple[str, str | None]] = field(default_factory=set)


def take(
    given: Sequence[Entry | InterchangeError],
    request: http.Event,
    *,
    patience: float,
    lease: timedelta,
) -> list[Outcome]:
    """Give each entry's outcome, in their order; publishing waits `patience` seconds at most."""
    taking = _Taking(lease, idempotency.new_id("evt", request))
    for index, entry in enumerate(given):
        if isinstance(entry, InterchangeError):
            taking.outcomes[index] = entry
        else:
            _prepare(taking, index, entry)
    _publish(taking, patience)
    for index, first in taking.twins.items():
        taking.outcomes[index] = _twin(taking.outcomes[first])
    return [taking.outcomes[index] for index in range(len(given))]


def _prepare(taking: _Taking, index: int, entry: Entry) -> None:
    """Note why an entry is refused; one that may come again holds its key's later ones back."""
    refusal = _refusal(_admit, taking, index, entry)
    if refusal is None:
        return
    taking.outcomes[index] = refusal
    if refusal.retryable:
        taking.waiting.add((entry.topic, entry.key))


def _refusal(
    admit: Callable[[_Taking, int, Entry], None], taking: _Taking, index: int, entry: Entry
) -> InterchangeError | None:
    try:
        admit(taking, index, entry)
    except InterchangeError as refusal:
        return refusal
    except (ClientError, BotoCoreError):  # the other entries have fates of their own
        logger.exception("A service below us failed")
        return _not_taken()
    return None


def _admit(taking: _Taking, index: int, entry: Entry) -> None:
    """Check and claim an entry."""
    event = _checked(taking, index, entry)
    outgoing = _written(event)
    if entry.key is not None and (entry.topic, entry.key) in taking.waiting:
        raise Unavailable("An event before it, of the same key, was not taken.")
    _claim(taking, index, entry, outgoing)


def _checked(taking: _Taking, index: int, entry: Entry) -> Event:
    if entry.topic not in taking.topics:
        taking.topics[entry.topic] = topics.find(settings().topics_table, entry.topic)
    topic = taking.topics[entry.topic]
    if topic is None:
        raise NotFound("No topic has this name.", code="topic_not_found")
    if topic["ordered"] and entry.key is None:
        raise _keyless(entry)
    if topic["schema"] is not None:
        payload_schemas.require(topic["schema"], entry.data, member=entry.member)
    new_id = ids.after(taking.base_id, index)
    return entries.event_of(entry, new_id, ordered=topic["ordered"])


def _written(event: Event) -> Outgoing:
    """Write the event's text; one that the log could not show again is refused.

    Rewritten numbers can be longer than they came. Bytes are base64, which fits as it is.
    """
    text = event.to_json()
    if len(text.encode()) > _LARGEST_TEXT and not isinstance(event.data, bytes):
        raise ContentTooLarge(f"An event has at most {_LARGEST_TEXT} bytes.")
    return Outgoing(event, text)


def _keyless(entry: Entry) -> UnprocessableContent:
    name = "key" if entry.member == "payload" else "partitionkey"
    errors = [{"detail": "An event of an ordered topic has a key.", "pointer": f"/{name}"}]
    return UnprocessableContent("The topic is ordered.", errors=errors)  # type: ignore[arg-type]


def _claim(taking: _Taking, index: int, entry: Entry, outgoing: Outgoing) -> None:
    """Send the event, unless it was sent before or has a twin in this very request."""
    event = outgoing.event
    said = publishers_ids.fingerprint(entry)
    if entry.record_id in taking.firsts:
        first, first_said = taking.firsts[entry.record_id]
        if said != first_said:
            raise publishers_ids.reused()
        taking.twins[index] = first
        return
    held = publishers_ids.claim(entry, lease=taking.lease)
    if entry.record_id is not None:
        taking.firsts[entry.record_id] = (index, said)
    if held is not None and held["status"] == "done":
        taking.outcomes[index] = Taken(event.log_id, event.topic, duplicate=True)
        return
    if held is not None:
        taking.claims[index] = held
    taking.sending[index] = outgoing


def _publish(taking: _Taking, patience: float) -> None:
    refused = _refused(taking, patience)
    for index, outgoing in taking.sending.items():
        if index in taking.claims:
            publishers_ids.settle(taking.claims[index], taken=index not in refused)
        taken = Taken(outgoing.event.log_id, outgoing.event.topic)
        taking.outcomes[index] = _not_taken() if index in refused else taken
    count("EventPublished", len(taking.sending) - len(refused))


def _refused(taking: _Taking, patience: float) -> set[int]:
    """Publish, and name the entries that SNS did not take."""
    places = list(taking.sending)
    try:
        publishing.send(list(taking.sending.values()), patience=patience)
    except publishing.NotTaken as rest:
        return {places[index] for index in rest.indices}
    return set()


def _not_taken() -> Unavailable:
    return Unavailable("The event was not taken; send it again.")


def _twin(first: Outcome) -> Outcome:
    return Taken(first.id, first.topic, duplicate=True) if isinstance(first, Taken) else first
