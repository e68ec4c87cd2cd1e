"""Take work on: the task's row is committed, its stream sends the message."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

from pydantic import Field

from interchange import clock, config, http, idempotency, store, tasks
from interchange.errors import UnprocessableContent
from interchange.observability import count
from interchange.validation import Body, validate
from message_queue.representation import representation
from message_queue.task_types import TASK_TYPES


class Options(Body):
    """What any task may say beside its type's own members."""

    max_attempts: Annotated[int, Field(ge=1, le=25)] = tasks.DEFAULT_MAX_ATTEMPTS


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    tasks_table: str


settings = config.reader(Settings)


@idempotency.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer 202 with the task and where to follow it."""
    type, payload, options = _parse(http.json_body(event))
    task = tasks.row(
        id=idempotency.new_id("tsk", event),
        type=type,
        payload=payload,
        max_attempts=options.max_attempts,
        now=clock.rfc3339(clock.now()),
        trace=http.trace_of(event),
    )
    try:
        store.put_new(settings().tasks_table, task)
    except store.ConditionFailed as met:
        task = met.item  # this very request made it, and died before it could answer
    else:
        count("TaskEnqueued")
    # Relative to /api/tasks/enqueue (RFC 9110 s.10.2.2).
    return http.response(HTTPStatus.ACCEPTED, representation(task), {"Location": task["id"]})


def _parse(body: Any) -> tuple[str, dict[str, Any], Options]:
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
    return str(type), payload.model_dump(exclude_defaults=True), options


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
