"""Take work on: the task's row is committed, its stream sends the message."""

from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from itertools import repeat
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from interchange import clock, config, http, idempotency
from interchange.errors import InterchangeError, Unavailable, UnprocessableContent
from interchange.store import Item
from message_queue import enqueuing, options
from message_queue.options import Order
from message_queue.representation import representation

_MOST = 100
# Lambda takes 6 MB with the bytes in base64.
_LARGEST_BODY = 4_500_000


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    tasks_table: str
    steering_table: str
    fair_tasks_per_second: float


settings = config.reader(Settings)


type Outcome = Item | InterchangeError


@idempotency.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer 202 with the task and where to follow it; for an array, with a result of each."""
    body = http.json_body(event, limit=_LARGEST_BODY)
    if isinstance(body, list):
        return _many(body, event)
    task = next(_enqueue([options.parse(body, now=clock.now())], event))
    if isinstance(task, InterchangeError):
        raise task
    # Relative to /api/tasks/enqueue (RFC 9110 s.10.2.2).
    return http.response(HTTPStatus.ACCEPTED, representation(task), {"Location": task["id"]})


def _many(bodies: list[Any], event: http.Event) -> http.Response:
    """Answer 202 where every task was taken, else 207 with what became of each."""
    if not 1 <= len(bodies) <= _MOST:
        raise UnprocessableContent(f"An array has 1 to {_MOST} tasks.", code="wrong_count")
    parsed = [_parse(each) for each in bodies]
    tried = _enqueue([each for each in parsed if isinstance(each, Order)], event)
    outcomes = [next(tried) if isinstance(each, Order) else each for each in parsed]
    refusals = [each for each in outcomes if isinstance(each, InterchangeError)]
    status = HTTPStatus.MULTI_STATUS if refusals else HTTPStatus.ACCEPTED
    again = {"Retry-After": "1"} if any(each.retryable for each in refusals) else {}
    return http.response(status, {"items": [_item(each, event) for each in outcomes]}, again)


def _item(outcome: Outcome, event: http.Event) -> dict[str, Any]:
    if isinstance(outcome, InterchangeError):
        return http.details(outcome, event)
    return {"status": int(HTTPStatus.ACCEPTED), "task": representation(outcome)}


def _parse(body: Any) -> Order | InterchangeError:
    try:
        return options.parse(body, now=clock.now())
    except InterchangeError as refusal:
        return refusal


def _enqueue(orders: list[Order], event: http.Event) -> Iterator[Outcome]:
    """Commit the orders' tasks; a request that comes again makes each task once.

    Behind one that must come again none is tried: lanes keep their order, callers their time.
    """
    now, base = clock.now(), int(idempotency.new_id("tsk", event).removeprefix("tsk_"), 16)
    tables = settings().tasks_table, settings().steering_table
    rate = settings().fair_tasks_per_second
    due = enqueuing.space_out(orders, table=tables[1], per_second=rate, now=now)
    for index, order in enumerate(orders):
        outcome = _outcome(
            order,
            id=f"tsk_{base + index:032x}",
            tables=tables,
            caller=http.caller(event),
            due_at=due[index],
            now=now,
            trace=http.trace_of(event),
        )
        yield outcome
        if isinstance(outcome, InterchangeError) and outcome.retryable:
            break
    yield from repeat(Unavailable("A task before it was not taken; send the same again."))


def _outcome(order: Order, **given: Any) -> Outcome:
    """Commit an order's task, or say why it is not taken: those before it are."""
    try:
        return enqueuing.enqueue(order, **given)
    except InterchangeError as refusal:
        return refusal
    except (ClientError, BotoCoreError) as error:
        return http.refusal(error)
