"""Receive webhooks: prove the sender, keep the bytes, answer at once."""

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from interchange import clock, config, http, store
from interchange.observability import bind, count, logger
from webhook.providers import PROVIDERS
from webhook.providers.contract import Handshake, Incoming, Reply, Source, Verified
from webhook.receiving import bodies, received, refused, sources

_LARGEST_BODY = 4_500_000  # in base64 it still fits Lambda's 6 MB
_MEDIA = re.compile(r"[a-z0-9!#$&^_.+-]{1,64}/[a-z0-9!#$&^_.+-]{1,64}")


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    received_table: str
    webhook_sources_secret_arn: str
    retention_days: int


settings = config.reader(Settings)


@http.endpoint
@refused.counted
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer 2xx only once the webhook is safely kept: providers send anything else again."""
    name = (event["pathParameters"] or {}).get("source", "stripe")
    source = sources.named(name, secret_arn=settings().webhook_sources_secret_arn)
    bind(source=name)
    incoming = _read(event, PROVIDERS[source.provider].media)
    verified = PROVIDERS[source.provider].verify(incoming, source)
    if isinstance(verified, Handshake):
        count("WebhookHandshakeAnswered")
        return _replied(verified.reply)
    answer, status = _kept(event, source, incoming, verified)
    return _replied(verified.reply) if verified.reply else http.response(status, answer)


def _read(event: http.Event, accepted: tuple[str, ...] | None) -> Incoming:
    media = http.require_media_type(event, *accepted) if accepted else _media(event)
    body = http.raw_body(event, limit=_LARGEST_BODY)
    query = event["multiValueQueryStringParameters"] or {}
    first = {name: values[0] for name, values in query.items()}
    return Incoming(body, http.headers(event), clock.now(), media, first)


def _media(event: http.Event) -> str:
    """Name what any sender may have sent, as RFC 9110 writes it; bytes where it does not say."""
    given = http.media_type(event)
    return given if _MEDIA.fullmatch(given) else "application/octet-stream"


def _kept(
    event: http.Event, source: Source, incoming: Incoming, verified: Verified
) -> tuple[dict[str, str], HTTPStatus]:
    """Keep the webhook, once; body first, so that no row is without."""
    trace, days = http.trace_of(event), settings().retention_days
    row = received.row(source, incoming, verified, retention_days=days, trace=trace)
    answer = {"id": row["id"], "event_id": row["event_id"]}
    bodies.put(row, incoming.body)
    bind(received_id=row["id"], event_id=row["event_id"])
    try:
        store.put_new(settings().received_table, row)
    except store.ConditionFailed:
        count("WebhookDuplicated")
        logger.info("Webhook received before")
        return answer | {"status": "duplicate"}, HTTPStatus.OK
    count("WebhookAccepted")
    return answer | {"status": "accepted"}, HTTPStatus.ACCEPTED


def _replied(reply: Reply) -> http.Response:
    """Answer in the provider's own words."""
    headers = {"Content-Type": reply.media}
    return http.response(HTTPStatus.OK, None, headers) | {"body": reply.body}
