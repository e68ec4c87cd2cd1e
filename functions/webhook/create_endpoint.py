"""Create a webhook endpoint: a customer's server that is told of events."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from interchange import clock, conditional, config, http, idempotency, store
from interchange.errors import Unavailable
from interchange.observability import count
from interchange.store import Item
from interchange.validation import validate
from webhook.delivering import endpoint_rows, endpoints
from webhook.delivering.endpoint_fields import NewEndpoint


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    endpoints_table: str
    endpoint_secrets_table: str
    deliveries_table: str
    allow_local_targets: str


settings = config.reader(Settings)


@idempotency.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer 201 with the endpoint and, this once unasked, the secret that it is signed with."""
    asked = validate(NewEndpoint, http.json_body(event))
    endpoint_rows.check_url(asked.url, allow_local=settings().allow_local_targets == "true")
    row, secret = endpoint_rows.new(
        asked,
        id=idempotency.new_id("ep", event),
        now=clock.now(),
        trace=http.trace_of(event),
    )
    row, secret = _create(row, secret)
    return http.response(
        HTTPStatus.CREATED,
        endpoints.representation(row) | {"secret": secret["secret"]},
        {"Location": f"webhook-endpoints/{row['id']}", "ETag": conditional.etag(row)},
    )


def _create(row: Item, secret: Item) -> tuple[Item, Item]:
    """Write both rows or neither; where this very request was here before, give what it made."""
    try:
        store.transact(
            [
                store.putting_new(settings().endpoints_table, row),
                store.putting_new(settings().endpoint_secrets_table, secret),
                endpoints.counting(settings().deliveries_table),
            ]
        )
    except store.TransactionRefused as refused:
        made, kept, _ = refused.writes
        if not made.failed:
            raise Unavailable("Many change endpoints now; send the same again.") from refused
        return made.item, kept.item
    count("EndpointCreated")
    return row, secret
