"""Send a message for each delivery and replay that is due, from the deliveries table's stream.

A message says only which row is due; a second one for a row is recognised by its worker.
"""

import json
from dataclasses import dataclass

from interchange import clock, config, later, messages
from interchange.streams import Change, from_stream
from webhook.delivering import deliveries, replays


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    deliveries_queue_url: str
    replays_queue_url: str


settings = config.reader(Settings)


@from_stream
def handler(changes: list[Change]) -> None:
    """Carry each change that makes something due to its queue, to be shown when it is."""
    due = [each for each in changes if _is_due(each)]
    stepping = [each for each in changes if each.new["part"] == replays.PART]
    later.send(settings().deliveries_queue_url, map(_message, due), now=clock.now())
    messages.send(
        settings().replays_queue_url, (messages.Message(_body(each)) for each in stepping)
    )


def _is_due(change: Change) -> bool:
    return change.new["part"] == deliveries.PART and change.new["status"] in deliveries.WAITING


def _message(change: Change) -> later.Message:
    row = change.new
    return later.Message(
        name=f"{row['id']}#{row['version']}",
        body=_body(change),
        due_at=clock.parse(row["due_at"]),
        group=row["endpoint_id"],
    )


def _body(change: Change) -> str:
    return json.dumps({"id": change.new["id"], **change.trace._asdict()})
