"""A task's life against a model of it: any order of claims, ends, deaths, duplicates and orders."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from interchange import claims, clock, store, tasks
from interchange.claims import Claim
from message_queue import lifecycle
from tests.architecture import Json
from tests.moto_cloud import Cloud
from tests.task_rows import MAIL, TRACE

START = clock.parse("2026-01-15T09:30:00.000Z")
LEASE = timedelta(seconds=60)
MONTH = timedelta(days=30)
MOST = 3
DAYS = 86_400
WAITS = st.sampled_from([1, 5, 59, 60, 61, 899, 900, 901, 30 * DAYS])


@dataclass
class Model:
    """What the task should be."""

    status: str
    due: int
    attempts: int = 0
    lease_ends: int = 0
    listing: str = ""
    claims: list[Claim] = field(default_factory=list)

    def can_be_claimed(self, now: int) -> bool:
        if self.status == "running":
            return self.lease_ends < now
        return self.status in lifecycle.WAITING and self.due <= now


class TaskLife(RuleBasedStateMachine):
    """One task, many workers, a clock that only tests move."""

    cloud: Cloud

    @initialize(delay=st.sampled_from([0, 899, 900, 901, 30 * DAYS]))
    def enqueue(self, delay: int) -> None:
        self.cloud.clear()
        self.now = 0
        self.table = self.cloud.name("TasksTable")
        due = clock.rfc3339(START + timedelta(seconds=delay))
        row = tasks.row(
            id="tsk_1",
            type="email_notification",
            payload=MAIL,
            now=clock.rfc3339(START),
            trace=TRACE,
            due_at=due,
            max_attempts=MOST,
        )
        store.put_new(self.table, row)
        self.model = Model("scheduled" if delay else "queued", delay)

    @property
    def time(self) -> datetime:
        return START + timedelta(seconds=self.now)

    @rule(seconds=WAITS)
    def let_time_pass(self, seconds: int) -> None:
        self.now += seconds

    @rule()
    def bring_a_message(self) -> None:
        """At any time: the first, a duplicate, an early one, one for a task that is over."""
        model = self.model
        if not model.can_be_claimed(self.now):
            over = model.status in lifecycle.ENDED
            with pytest.raises(claims.Over if over else claims.NotYet):
                lifecycle.claim(self.table, "tsk_1", now=self.time, lease=LEASE)
            return
        held = lifecycle.claim(self.table, "tsk_1", now=self.time, lease=LEASE)
        model.claims.append(held)
        model.status, model.attempts = "running", model.attempts + 1
        model.lease_ends = self.now + int(LEASE.total_seconds())

    @precondition(lambda self: self.model.claims)
    @rule(index=st.integers(0, 5), how=st.sampled_from(["succeed", "retry", "fatal", "go on"]))
    def a_worker_ends(self, index: int, how: str) -> None:
        """Any worker that ever had a claim, zombies included: the last one's word counts."""
        held = self.model.claims[index % len(self.model.claims)]
        holds = self.model.status == "running" and held is self.model.claims[-1]
        if not holds:
            with pytest.raises(claims.Lost):
                self._end(held, how)
            return
        row = self._end(held, how)
        self._expect(how, row)

    @precondition(lambda self: self.model.claims and self.model.status == "running")
    @rule()
    def the_worker_makes_progress(self) -> None:
        held = self.model.claims[-1]
        self.model.claims[-1] = claims.renew(held, now=self.time, lease=LEASE, checkpoint="{}")
        self.model.lease_ends = self.now + int(LEASE.total_seconds())

    @rule()
    def cancel(self) -> None:
        if self.model.status in (*lifecycle.WAITING, "dead"):
            lifecycle.cancel(self.table, "tsk_1", now=self.time, kept=MONTH)
            self.model.status = "cancelled"
        elif self.model.status == "running":
            lifecycle.ask_to_stop(self.table, "tsk_1", now=self.time)
        else:
            with pytest.raises(store.ConditionFailed):
                lifecycle.cancel(self.table, "tsk_1", now=self.time, kept=MONTH)

    @rule()
    def park(self) -> None:
        due = self.time + timedelta(minutes=15)
        if not self.model.can_be_claimed(self.now):
            with pytest.raises(store.ConditionFailed):
                lifecycle.park(self.table, "tsk_1", due_at=due, now=self.time)
            return
        lifecycle.park(self.table, "tsk_1", due_at=due, now=self.time)
        self.model.status, self.model.due = "scheduled", self.now + 900
        self.model.listing = lifecycle.PARKED

    @rule()
    def redrive(self) -> None:
        write = lifecycle.redriving(self.table, "tsk_1", due_at=self.time, by="rdr", now=self.time)
        if self.model.status != "dead":
            with pytest.raises(store.TransactionRefused):
                store.transact([write])
            return
        store.transact([write])
        self.model.status, self.model.due, self.model.attempts = "queued", self.now, 0

    @invariant()
    def the_row_is_what_the_model_says(self) -> None:
        row = self._row()
        assert (row["status"], row["attempts"]) == (self.model.status, self.model.attempts)
        parked = self.model.status == "scheduled" and self.model.listing == lifecycle.PARKED
        expected = lifecycle.PARKED if parked else self.model.status
        assert row["listing"] == tasks.listing(expected, "tsk_1")
        assert ("fence" in row) == (self.model.status == "running")

    @invariant()
    def what_is_over_goes_in_time_and_nothing_else_does(self) -> None:
        gone = {"succeeded", "cancelled", "expired"}
        assert ("expires_epoch" in self._row()) == (self.model.status in gone)

    def _row(self) -> Json:
        return store.get(self.table, {"id": "tsk_1"}) or {}

    def _end(self, held: Claim, how: str) -> Json:
        if how == "succeed":
            lifecycle.succeed(held, result=None, now=self.time, kept=MONTH)
        elif how == "go on":
            lifecycle.go_on(held, now=self.time)
        else:
            again = how == "retry"
            lifecycle.fail(held, code="x", detail=".", again=again, base=1, now=self.time)
        return self._row()

    def _expect(self, how: str, row: Json) -> None:
        model = self.model
        model.listing = ""
        if how == "succeed":
            model.status = "succeeded"
        elif how == "go on":
            model.status, model.due, model.attempts = "queued", self.now, model.attempts - 1
        elif how == "fatal" or model.attempts >= MOST:
            model.status = "dead"
        else:
            model.status = "retry_wait"
            waits = clock.parse(row["due_at"]) - START
            model.due = int(waits.total_seconds()) + 1  # a claim within its second may be early
            self.now = max(self.now, model.due)


def test_any_order_of_events_leads_where_the_rules_say(cloud: Cloud) -> None:
    machine = type("Life", (TaskLife,), {"cloud": cloud})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=25,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
