"""Process a received webhook again: the row says so, and its stream publishes it."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from interchange import clock, config, http, idempotency, store
from interchange.errors import NotFound
from interchange.observability import count
from interchange.store import Item
from webhook.receiving import listing

# Another try of the same request finds its own mark, and makes no second event.
_NEW = (
    "attribute_exists(#id) AND #expires_epoch > :now_epoch"
    " AND (attribute_not_exists(#replay_id) OR #replay_id <> :replay_id)"
)


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    received_table: str


settings = config.reader(Settings)


@idempotency.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer 202 with the webhook, once it is marked; subscribers get the same event id again."""
    replay_id = idempotency.new_id("rpl", event)
    row = _marked(http.path_id(event), replay_id)
    return http.response(HTTPStatus.ACCEPTED, listing.summary(row))


def _marked(id: str, replay_id: str) -> Item:
    now = clock.now()
    values = {
        "replay_id": replay_id,
        "now": clock.rfc3339(now),
        "now_epoch": int(now.timestamp()),
    }
    change = "SET #replay_id = :replay_id, #replayed_at = :now"
    table = settings().received_table
    try:
        row = store.update(table, {"id": id}, change, when=_NEW, values=values)
    except store.ConditionFailed as met:
        if met.item.get("replay_id") != replay_id:
            detail = "No received webhook has this id."
            raise NotFound(detail, code="webhook_not_found") from None
        return met.item
    count("WebhookReplayed")
    return row
