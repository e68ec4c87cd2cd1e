"""Tell of endpoints from their table's stream: who was disabled, what a deletion leaves to do."""

import json
from dataclasses import dataclass

from interchange import config, ids, messages, publishing
from interchange.envelope import Event
from interchange.streams import Change, from_stream
from webhook.delivering import endpoints

TOPIC = "webhook-events"
DISABLED = "webhook.endpoint.disabled"


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    erase_endpoint_deliveries_queue_url: str


settings = config.reader(Settings)


@from_stream
def handler(changes: list[Change]) -> None:
    """Publish an event for each endpoint that was disabled, and have a deleted one's rows erased.

    No loop: an event of this kind may be delivered, but a disabled endpoint is disabled once.
    """
    disabled = [each for each in changes if _was_disabled(each)]
    deleted = [each for each in changes if not each.new]
    publishing.publish(map(_event, disabled))
    messages.send(settings().erase_endpoint_deliveries_queue_url, map(_erasure, deleted))


def _was_disabled(change: Change) -> bool:
    now, before = change.new.get("status"), change.old.get("status")
    return now == endpoints.DISABLED != before


def _event(change: Change) -> Event:
    row = change.new
    shown = {name: row[name] for name in ("id", "description", "metadata")}
    why = {"reason": row["disabled_reason"], "disabled_at": row["disabled_at"]}
    return Event(
        id=ids.derived("evt", row["id"], DISABLED, row["disabled_at"]),
        source="/webhook-endpoints",
        type=DISABLED,
        topic=TOPIC,
        subject=row["id"],
        time=row["disabled_at"],
        data=shown | why,
        trace=change.trace,
    )


def _erasure(change: Change) -> messages.Message:
    body = {"endpoint_id": change.old["id"], **change.trace._asdict()}
    return messages.Message(json.dumps(body))
