"""Send a step of a replay: events of the log again, as they were, with the replay's mark."""

import json
from dataclasses import dataclass
from datetime import datetime

from interchange import claim_check, clock, config, envelope, publishing
from interchange.letters import Outgoing
from interchange.observability import bind, count, logger
from interchange.records import Message, each_message
from interchange.store import Item
from publish_subscribe import event_log, replay_steps
from publish_subscribe.event_log import Index, Most

_STEP_CHARACTERS = 5_000_000  # so that a step's memory and time have a bound


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    replays_table: str
    events_table: str
    events_by_topic_index: str


settings = config.reader(Settings)


@each_message
def handler(message: Message) -> None:
    """Do the step that the message says is due, if it still is."""
    replay_id, step, now = message.body["replay_id"], message.body["step"], clock.now()
    bind(replay_id=replay_id, step=step)
    replay = replay_steps.due(settings().replays_table, replay_id, step, now=now)
    if replay is None:
        logger.info("Step is over")
    elif message.receive_count > replay_steps.ATTEMPTS:
        _fail(replay, now=now)
    else:
        _send(replay, now=now)


def _send(replay: Item, *, now: datetime) -> None:
    rows = event_log.read(
        Index(settings().events_table, settings().events_by_topic_index),
        replay_steps.wanted(replay),
        most=Most(replay["events_per_second"], _STEP_CHARACTERS, lambda row: len(row["event"])),
        after=replay.get("after") or None,
        now=now,
    )
    publishing.send([_outgoing(replay, row) for row in rows.found])
    status = replay_steps.advance(settings().replays_table, replay, rows, now=now)
    count("EventReplayed", len(rows.found))
    logger.info("Step sent", events=len(rows.found), scanned=rows.scanned, replay_status=status)


def _outgoing(replay: Item, row: Item) -> Outgoing:
    """Mark an event as replayed; a large one stays where it waits, so erasure finds it there."""
    text = envelope.replayed(row["event"], replay["id"])
    event = envelope.from_dict(json.loads(text))
    if "claim_check" in row:
        text = claim_check.again(event, row["claim_check"])
    return Outgoing(event, text, replay.get("subscriber"))


def _fail(replay: Item, *, now: datetime) -> None:
    detail = "A step failed time and again; what came before it was sent."
    replay_steps.fail(settings().replays_table, replay, code="step_failed", detail=detail, now=now)
    count("ReplayFailed")
    logger.warning("Replay failed", attempts=replay_steps.ATTEMPTS)
