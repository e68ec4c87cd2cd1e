"""What follows from an attempt: the delivery's next state, and what it says of its endpoint."""

from datetime import datetime, timedelta
from typing import Any

from interchange import claims, clock, store
from interchange.claims import Claim
from interchange.observability import count
from webhook.delivering import deliveries, endpoints, health, lanes, retries
from webhook.delivering.outcomes import Outcome

_SPARED_SECONDS = 60  # an overloaded endpoint that does not say for how long


def delivered(held: Claim, *, now: datetime) -> None:
    """End the delivery well."""
    lanes.leave(held, deliveries.DELIVERED, now=now, ended_at=clock.rfc3339(now))


def failed(
    held: Claim, outcome: Outcome, *, endpoints_table: str, now: datetime, scale: float
) -> str:
    """Wait for another try or give up, and draw what follows for the endpoint; return the state.

    A manual retry says nothing of the endpoint's health, and goes back to where it came from.
    """
    error: dict[str, Any] = {"error_class": outcome.error_class, "at": clock.rfc3339(now)}
    if outcome.status_code is not None:
        error["status_code"] = outcome.status_code
    if held.row.get("manual"):
        return _resume(held, error, now=now)
    _draw(held, outcome, endpoints_table=endpoints_table, now=now, scale=scale)
    failures = held.row["failures"] + 1
    due = retries.next_due(
        failures,
        first=clock.parse(held.row["first_due_at"]),
        now=now,
        retry_after=retries.retry_after(outcome.retry_after, now=now),
        scale=scale,
    )
    if due is None or outcome.gone:
        return _exhausted(held, error, now=now, failures=failures)
    again = {"due_at": clock.rfc3339(due), "failures": failures, "last_error": error, "waits": 0}
    return _waiting(held, deliveries.RETRY_WAIT, **again)


def skipped(held: Claim, reason: str, *, now: datetime) -> None:
    """Keep what is not to be sent: a replay may send it yet."""
    lanes.leave(held, deliveries.SKIPPED, now=now, reason=reason, ended_at=clock.rfc3339(now))


def postponed(held: Claim, until: datetime, **marks: Any) -> None:
    """Put off without an attempt: the endpoint is spared, has enough to do, or a rate limit."""
    status = deliveries.RETRY_WAIT if held.row["failures"] else deliveries.PENDING
    attempts = held.row["attempts"] - 1
    _waiting(held, status, due_at=clock.rfc3339(until), attempts=attempts, **marks)


def _draw(
    held: Claim, outcome: Outcome, *, endpoints_table: str, now: datetime, scale: float
) -> None:
    endpoint_id = held.row["endpoint_id"]
    since = health.failed(held.table, endpoint_id, now=now)
    if outcome.slows_down:
        asked = retries.retry_after(outcome.retry_after, now=now)
        spared = timedelta(seconds=_SPARED_SECONDS * scale)
        most = retries.HORIZON * scale
        health.hold(held.table, endpoint_id, until=now + min(max(asked, spared), most))
    if outcome.gone:
        disable(endpoints_table, endpoint_id, endpoints.GONE, now=now)
    elif health.is_hopeless(since, now=now, scale=scale):
        disable(endpoints_table, endpoint_id, endpoints.FAILING, now=now)


def disable(table: str, endpoint_id: str, reason: str, *, now: datetime) -> None:
    """Disable an endpoint that is active; its table's stream tells of it."""
    try:
        store.update(
            table,
            {"id": endpoint_id},
            "SET #status = :disabled, #disabled_reason = :reason, #disabled_at = :now,"
            " #updated_at = :now",
            when="#status = :active",
            values={
                "disabled": endpoints.DISABLED,
                "active": endpoints.ACTIVE,
                "reason": reason,
                "now": clock.rfc3339(now),
            },
        )
    except store.ConditionFailed:  # another attempt was faster, or it is deleted
        return
    count("EndpointDisabled")


def _resume(held: Claim, error: dict[str, Any], *, now: datetime) -> str:
    resumed = held.row.get("resume_at")
    if resumed is None:
        return _exhausted(held, error, now=now, failures=held.row["failures"])
    return _waiting(held, deliveries.RETRY_WAIT, due_at=resumed, manual=None, last_error=error)


def _exhausted(held: Claim, error: dict[str, Any], *, now: datetime, failures: int) -> str:
    at = clock.rfc3339(now)
    ended = {"ended_at": at, "failures": failures, "last_error": error}
    lanes.leave(held, deliveries.EXHAUSTED, now=now, **ended)
    return deliveries.EXHAUSTED


def _waiting(held: Claim, status: str, **values: Any) -> str:
    claims.end(held, status, **{"slot_at": None, "slot_missed": None} | values)
    return status
