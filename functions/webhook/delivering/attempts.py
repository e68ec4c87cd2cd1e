"""One attempt of a delivery: sign the event, send it, and say what became of it."""

import time
from datetime import datetime

from interchange import outbound
from webhook.delivering import signing
from webhook.delivering.endpoints import Endpoint
from webhook.delivering.outcomes import Outcome, class_of

MEDIA = "application/cloudevents+json"


def make(
    endpoint: Endpoint,
    event_id: str,
    text: str,
    *,
    now: datetime,
    timeout: float,
    allow_local: bool,
) -> Outcome:
    """POST the event to the endpoint's URL; every way that can end is an outcome."""
    body = text.encode()
    own = signing.headers(event_id, body, endpoint.secrets(now=now), now=int(now.timestamp()))
    started = time.monotonic()
    try:
        answer = outbound.request(
            "POST",
            endpoint.row["url"],
            endpoint.secret["headers"] | own | {"Content-Type": MEDIA, "User-Agent": "Interchange"},
            body,
            allow_local=allow_local,
            timeout=timeout,
        )
    except (outbound.Failed, outbound.Forbidden) as failure:
        millis = round((time.monotonic() - started) * 1000)
        return Outcome(millis=millis, error_class=failure.kind, detail=failure.detail)
    return Outcome(
        millis=answer.millis,
        status_code=answer.status,
        error_class=class_of(answer.status),
        retry_after=answer.headers.get("retry-after"),
        response=answer.body_excerpt,
    )
