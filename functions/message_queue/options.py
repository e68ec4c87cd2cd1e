"""What any task may say beside its type's own members: when, how often, in what order, for whom."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from interchange import clock, tasks, times
from interchange.errors import ContentTooLarge, UnprocessableContent
from interchange.store import Item
from interchange.trace import Trace
from interchange.validation import ONE_LINE, Body, validate
from message_queue.task_types import TASK_TYPES

LONGEST_WAIT = timedelta(days=366)

_LARGEST_PAYLOAD = 300_000  # a row of DynamoDB has 400 KB, what the task comes to included
_ORDER_EXCLUDES = ("delay_seconds", "run_at", "fairness_key", "priority")


def _moment(value: str) -> str:
    """Read a time with its offset from UTC, and write it as we do."""
    try:
        return clock.rfc3339(times.read(value))
    except ValueError:
        detail = "Must be a time as in 2026-01-15T09:30:00Z (RFC 3339)"
        raise PydanticCustomError("moment", detail) from None


Moment = Annotated[str, AfterValidator(_moment)]
Key = Annotated[str, StringConstraints(min_length=1, max_length=128), ONE_LINE]


class Options(Body):
    """What any task may say beside its type's own members."""

    max_attempts: Annotated[int, Field(ge=1, le=25)] = tasks.DEFAULT_MAX_ATTEMPTS
    priority: Literal["high", "normal", "low"] = "normal"
    delay_seconds: Annotated[int, Field(ge=0, le=366 * 86_400)] | None = None
    run_at: Moment | None = None
    expires_at: Moment | None = None
    dedupe_key: Key | None = None
    dedupe_seconds: Annotated[int, Field(ge=1, le=30 * 86_400)] = 86_400
    ordering_key: Key | None = None
    fairness_key: Key | None = None
    result: bool = True


class Order(NamedTuple):
    """A task that a caller wants done."""

    type: str
    payload: dict[str, Any]
    options: Options


def parse(body: Any, *, now: datetime) -> Order:
    """Split the flat body into the type, what its model accepts, and the options of every task."""
    fields = dict(body) if isinstance(body, dict) else {}
    type = fields.pop("type", None)
    found = TASK_TYPES.get(type) if isinstance(type, str) else None
    if found is None:
        known = ", ".join(sorted(TASK_TYPES))
        raise UnprocessableContent(
            f"The type of a task is one of: {known}.",
            code="task_type_unknown",
            errors=[{"detail": f"One of: {known}", "pointer": "/type"}],
        )
    chosen = {name: fields.pop(name) for name in Options.model_fields if name in fields}
    options, payload = _validate_both((Options, chosen), (found.model, fields))
    _agree(options, now)
    return Order(str(type), _bounded(payload.model_dump(exclude_defaults=True)), options)


def due_at(options: Options, *, now: datetime) -> str | None:
    """Say when the task is due; None for at once."""
    if options.delay_seconds:
        return clock.rfc3339(now + timedelta(seconds=options.delay_seconds))
    return options.run_at


def row(order: Order, *, id: str, due_at: str | None, now: datetime, trace: Trace) -> Item:
    """Make the row of an order."""
    options = order.options
    return tasks.row(
        id=id,
        type=order.type,
        payload=order.payload,
        now=clock.rfc3339(now),
        trace=trace,
        due_at=due_at,
        max_attempts=options.max_attempts,
        priority=options.priority,
        expires_at=options.expires_at,
        ordering_key=options.ordering_key,
        fairness_key=options.fairness_key,
        drop_result=None if options.result else True,
    )


def _agree(options: Options, now: datetime) -> None:
    """Refuse what no single model can: times that do not fit, options that exclude each other."""
    due = due_at(options, now=now)
    if options.run_at is not None and options.delay_seconds is not None:
        raise _refused("Either run_at or delay_seconds, not both", "/run_at")
    if due is not None and due > clock.rfc3339(now + LONGEST_WAIT):
        raise _refused("At most a year ahead", "/run_at")
    if options.expires_at is not None and options.expires_at <= (due or clock.rfc3339(now)):
        raise _refused("Must be later than the task is due", "/expires_at")
    if options.ordering_key is not None:
        for name in options.model_fields_set.intersection(_ORDER_EXCLUDES):
            raise _refused("An ordered task is due once the one before it has ended", f"/{name}")


def _refused(detail: str, pointer: str) -> UnprocessableContent:
    errors = [{"detail": detail, "pointer": pointer}]
    return UnprocessableContent("The options of the task do not agree.", errors=errors)  # type: ignore[arg-type]  # a dict of these two is a FieldError


def _bounded(payload: dict[str, Any]) -> dict[str, Any]:
    size = len(str(payload).encode())
    if size > _LARGEST_PAYLOAD:
        detail = f"The task has about {size} bytes; a task takes {_LARGEST_PAYLOAD}."
        raise ContentTooLarge(detail)
    return payload


def _validate_both[A: Body, B: Body](
    one: tuple[type[A], Any], two: tuple[type[B], Any]
) -> tuple[A, B]:
    """Check both parts of a body and name the faults of both together."""
    try:
        first = validate(*one)
    except UnprocessableContent as refusal:
        try:
            validate(*two)
        except UnprocessableContent as other:
            refusal.errors += other.errors
        raise
    return first, validate(*two)
