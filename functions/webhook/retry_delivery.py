"""Try a delivery again, now and once, whatever its endpoint's health."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from interchange import clock, config, http, idempotency, store
from interchange.errors import Conflict
from interchange.observability import count
from webhook.delivering import deliveries


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    deliveries_table: str


settings = config.reader(Settings)


@idempotency.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer 202 with the delivery; 409 while an attempt is under way or due."""
    delivery_id = http.path_id(event)
    request = idempotency.new_id("rty", event)
    row, *_ = deliveries.get(settings().deliveries_table, delivery_id)
    if row.get("retried_by") != request:  # else this very request was here before
        row = _retry(row, request)
    count("DeliveryRetried")
    headers = {"Location": f"../{delivery_id}", "Retry-After": "1"}
    return http.response(HTTPStatus.ACCEPTED, deliveries.representation(row), headers)


def _retry(row: store.Item, request: str) -> store.Item:
    """Make it due now; one that waits for its next attempt waits on when this one fails."""
    resumed = row["due_at"] if row["status"] == deliveries.RETRY_WAIT else None
    states = [row["status"]] if resumed else deliveries.ENDED
    try:
        return deliveries.due_again(
            settings().deliveries_table,
            row["id"],
            states,
            now=clock.now(),
            manual=True,
            resume_at=resumed,
            retried_by=request,
        )
    except store.ConditionFailed as refused:
        status = refused.item.get("status", "deleted")
        detail = f"The delivery is {status}."
        raise Conflict(detail, code="delivery_not_at_rest") from None
