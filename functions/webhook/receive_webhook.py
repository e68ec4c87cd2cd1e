"""Receive webhooks: prove the sender, keep the bytes, answer at once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from interchange import clock, config, http, ids, store
from interchange.observability import count, logger
from webhook import sources
from webhook.providers import PROVIDERS
from webhook.providers.verified import Verified

_LARGEST_BODY = 180_000  # as base64 in its event it still fits SNS's 262,144 bytes


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    received_table: str
    webhook_sources_secret_arn: str
    retention_days: int


settings = config.reader(Settings)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer 2xx only once the webhook is safely kept: providers send anything else again."""
    name = (event["pathParameters"] or {}).get("source", "stripe")
    source = sources.named(name, secret_arn=settings().webhook_sources_secret_arn)
    http.require_media_type(event, http.JSON)
    body = http.raw_body(event, limit=_LARGEST_BODY)
    now = clock.now()
    verified = PROVIDERS[source.provider](body, http.headers(event), source.secrets, now)
    row = _row(source, verified, body, now=now, request=event)
    answer = {"id": row["id"], "event_id": row["event_id"]}
    try:
        store.put_new(settings().received_table, row)
    except store.ConditionFailed:
        count("WebhookDuplicated")
        logger.info("Webhook received before", **answer)
        return http.response(HTTPStatus.OK, answer | {"status": "duplicate"})
    count("WebhookAccepted")
    return http.response(HTTPStatus.ACCEPTED, answer | {"status": "accepted"})


def _row(
    source: sources.Source, verified: Verified, body: bytes, *, now: datetime, request: http.Event
) -> store.Item:
    return {
        "id": ids.derived("rcv", source.name, verified.event_id),
        "event_id": ids.derived("evt", source.name, verified.event_id),
        "source": source.name,
        "topic": source.topic,
        "type": verified.type,
        "body": body,
        "received_at": clock.rfc3339(now),
        "expires_epoch": int((now + timedelta(days=settings().retention_days)).timestamp()),
        "version": 1,
        **http.trace_of(request)._asdict(),
    }
