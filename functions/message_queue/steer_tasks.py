"""Carry on with what steers the queue: a sweep's page, a schedule's tick, what comes hourly."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from interchange import claims, clock, config, ids, store, trace
from interchange.observability import count, logger
from interchange.records import Message, Retry, each_message
from message_queue.recurring import declarations, schedules
from message_queue.steering import overdue, sweeps

_LONGEST_WAIT_SECONDS = 900


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    tasks_table: str
    steering_table: str
    tasks_by_state_index: str
    lease_seconds: int


settings = config.reader(Settings)


@each_message
def handler(message: Message) -> None:
    """Do the next step of the row that the message names, if it is still to be done."""
    body, now = message.body, clock.now()
    match body["kind"]:
        case "declaration":
            _declare(body, now)
        case "overdue":
            _look_for_overdue(now)
        case "sweep":
            _sweep(body["id"], now)
        case _:
            _tick(body["id"], body["tick"], now)


def _declare(body: dict[str, Any], now: datetime) -> None:
    try:
        changed = declarations.keep(settings().steering_table, body, now=now)
    except store.ConditionFailed:
        raise Retry("the schedule has just changed", after=1) from None
    logger.info("Schedule declared", name=body["name"], changed=changed)


def _look_for_overdue(now: datetime) -> None:
    """Begin a sweep; two at once, as Scheduler may tell twice, do what one does."""
    id, begun = ids.new("swp"), trace.from_headers({}, request_id="overdue")
    sweeps.begin(settings().steering_table, id, listing=overdue.LISTING, now=now, trace=begun)


def _sweep(id: str, now: datetime) -> None:
    lease = timedelta(seconds=settings().lease_seconds)
    tables = settings().tasks_table, settings().steering_table
    try:
        held = claims.take(tables[1], {"id": id}, waiting=sweeps.WAITING, now=now, lease=lease)
        status = sweeps.carry_on(held, tables, settings().tasks_by_state_index, now=now)
    except (claims.Over, claims.Lost) as reason:
        logger.info("Sweep is over, or another's", reason=str(reason))
    except claims.NotYet as held_back:
        raise Retry(f"the sweep is {held_back}", after=max(1, held_back.after)) from None
    else:
        logger.info("Sweep carried on", sweep_status=status)


def _tick(id: str, tick: str, now: datetime) -> None:
    schedule = store.get(settings().steering_table, {"id": id})
    if schedule is None or schedule["next_at"] != tick:
        logger.info("Tick is over")
        return
    wait = (clock.parse(tick) - now).total_seconds()
    if wait > 0:
        raise Retry("the tick is not due", after=min(wait, _LONGEST_WAIT_SECONDS))
    tables = settings().tasks_table, settings().steering_table
    try:
        task = schedules.tick(tables, schedule, now=now)
    except store.ConditionFailed:
        logger.info("Tick is over")
    else:
        count("ScheduleTicked" if task else "ScheduleMissed")
        logger.info("Tick carried out", made=task is not None)
