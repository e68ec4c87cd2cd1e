"""Erase the deliveries of a deleted endpoint, with their attempts, a portion a message."""

import json
from dataclasses import dataclass

from interchange import config, messages, store
from interchange.observability import bind, count, logger
from interchange.records import Message, each_message
from webhook.delivering import deliveries

_A_PORTION = 100


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    deliveries_table: str
    deliveries_by_endpoint_index: str
    erase_endpoint_deliveries_queue_url: str


settings = config.reader(Settings)


@each_message
def handler(message: Message) -> None:
    """Erase some, and send the message on while there are more; dying halfway, it comes again."""
    endpoint_id = message.body["endpoint_id"]
    bind(endpoint_id=endpoint_id)
    page = store.index_page(
        settings().deliveries_table,
        settings().deliveries_by_endpoint_index,
        "#endpoint_id = :endpoint_id",
        {"endpoint_id": endpoint_id},
        size=_A_PORTION,
        after=message.body.get("after"),
    )
    for each in page.items:
        deliveries.erase(settings().deliveries_table, each["id"])
    count("DeliveryErased", len(page.items))
    logger.info("Deliveries erased", rows=len(page.items))
    if page.last_key is not None:
        onward = json.dumps(message.body | {"after": page.last_key})
        queue = settings().erase_endpoint_deliveries_queue_url
        messages.send(queue, [messages.Message(onward)])
