"""Publish an event, or an array of them, to everybody who subscribes to its topic."""

from collections.abc import Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from interchange import http, idempotency
from interchange.errors import InterchangeError
from interchange.observability import bind
from publish_subscribe import reading, taking
from publish_subscribe.taking import Outcome, Taken

_MARGIN_SECONDS = 5  # of the function's time, for what comes after SNS
_LONGEST_PATIENCE_SECONDS = 10


@idempotency.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer 202 once SNS has it: its acknowledgement is the durable write. 207 tells each fate."""
    given = reading.read(event)
    left = context.get_remaining_time_in_millis() / 1000
    patience = max(0.0, min(_LONGEST_PATIENCE_SECONDS, left - _MARGIN_SECONDS))
    lease = timedelta(seconds=left)
    outcomes = taking.take(given.entries, event, patience=patience, lease=lease)
    return _of_many(outcomes, event) if given.many else _of_one(outcomes[0])


def _of_one(outcome: Outcome) -> http.Response:
    if isinstance(outcome, InterchangeError):
        raise outcome
    bind(event_id=outcome.id)
    return http.response(HTTPStatus.ACCEPTED, _shown(outcome))


def _of_many(outcomes: Sequence[Outcome], event: http.Event) -> http.Response:
    refusals = [each for each in outcomes if isinstance(each, InterchangeError)]
    status = HTTPStatus.MULTI_STATUS if refusals else HTTPStatus.ACCEPTED
    again = {"Retry-After": "1"} if any(each.retryable for each in refusals) else {}
    bind(events=len(outcomes) - len(refusals))
    items = [_item(index, each, event) for index, each in enumerate(outcomes)]
    return http.response(status, {"items": items}, again)


def _item(index: int, outcome: Outcome, event: http.Event) -> dict[str, Any]:
    if isinstance(outcome, Taken):
        return {"status": int(HTTPStatus.ACCEPTED), **_shown(outcome)}
    details = http.details(outcome, event)
    for error in details.get("errors", []):
        error["pointer"] = f"/{index}{error['pointer']}"
    return details


def _shown(taken: Taken) -> dict[str, Any]:
    duplicate = {"duplicate": True} if taken.duplicate else {}
    return {"id": taken.id, "topic": taken.topic, **duplicate}
