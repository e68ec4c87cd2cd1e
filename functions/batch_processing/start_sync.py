"""Start a synchronisation now, whatever the schedule says; one at a time."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from batch_processing.syncing import configuration, runs, shown, turns
from interchange import clock, config, http, idempotency
from interchange.errors import Conflict
from interchange.observability import count
from interchange.store import Item
from interchange.validation import Body, validate


class NewSync(Body):
    """What this run may do that others may not; {} is a run like those of the schedule."""

    allow_shrink: bool = False
    from_start: bool = False


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    syncs_table: str
    retention_days: int


settings = config.reader(Settings)


@idempotency.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer 202 with the run; 409 while one is under way, or where there is no feed."""
    asked = validate(NewSync, http.json_body(event))
    feed = configuration.feed()
    if feed is None:
        raise Conflict("No feed is configured: see FeedUrl in the template.", code="no_feed")
    job = runs.new(
        idempotency.new_id("job", event),
        feed,
        trigger="request",
        asked=asked.model_dump(),
        now=clock.now(),
        days=settings().retention_days,
        trace=http.trace_of(event),
    )
    return _begun(job)


def _begun(job: Item) -> http.Response:
    try:
        turns.begin(settings().syncs_table, job)
    except turns.Busy as busy:
        detail = f"The synchronisation {busy.job_id} is under way."
        raise Conflict(detail, code="sync_running") from None
    count("SyncStarted")
    # Relative to /api/products/syncs (RFC 9110 s.10.2.2).
    headers = {"Location": f"syncs/{job['job_id']}", "Retry-After": "1"}
    return http.response(HTTPStatus.ACCEPTED, shown.summary(job), headers)
