"""A task's effects, in whatever order its messages, deaths and its callers' wishes come.

Functions of the template send the messages, run the work and hear the callers. The queue, the clock
and the work are the test's, and so is the count of what the work has done.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

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

from interchange import clock, store
from interchange.validation import Body
from message_queue import lifecycle
from message_queue.steering import pauses
from message_queue.task_types import TASK_TYPES, TaskType
from message_queue.task_types.outcome import Fatal, Retryable, Unfinished
from message_queue.task_types.work import Work
from tests.answers import body_of
from tests.architecture import Json
from tests.aws_events import queue
from tests.faults import ProcessDied, hooked
from tests.moto_cloud import Cloud
from tests.task_rows import call, task

START = clock.parse("2026-01-15T09:30:00.000Z")
LEASE = timedelta(seconds=60)
SLICE = timedelta(seconds=43)  # more than the part of the lease that work may take
EXPIRY = clock.rfc3339(START + timedelta(minutes=30))
MOST = 3
SCOPE = "type:fake"
WAITS = st.sampled_from([0, 1, 5, 61, 900])
WISHES = st.sampled_from(
    ["nothing"] * 6 + ["redrive", "redrive", "pause", "resume", "resume", "cancel"]
)
OVER = ("cancelled", "expired", "succeeded")
OPTIONS = st.sampled_from([{}, {"ordering_key": "k"}, {"expires_at": EXPIRY}])


class Nothing(Body):
    """A task that says no more than its type."""


@dataclass(frozen=True)
class Course:
    """What happens while the work runs, and how it ends."""

    meanwhile: str = "nothing"
    end: str = "succeed"


COURSES = st.builds(
    Course,
    st.sampled_from(["a duplicate", "its lease ends", "nothing", "nothing", "a cancellation"]),
    st.sampled_from(["slice", "die after", "die before", "retry", "fatal", "raise", "succeed"]),
)
FAILURES = {"retry": Retryable("x", "."), "fatal": Fatal("x", "."), "raise": ValueError()}


class TaskEffects(RuleBasedStateMachine):
    """One task, whose messages come at any time and whose workers die anywhere."""

    cloud: Cloud

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()

    @initialize(options=OPTIONS, slots=st.sampled_from([2, 1]))
    def enqueue(self, options: Json, slots: int) -> None:
        self.cloud.clear()
        self.time = START
        self.patch.setattr(clock, "now", lambda: self.time)
        bounds: Json = {"per_second": lambda: 1.0, "concurrency": slots}
        fake = TaskType(Nothing, self._work, effect="at_least_once", **bounds)
        self.patch.setitem(TASK_TYPES, "fake", fake)
        self.queue: list[str] = []
        self.sent: list[str] = []
        self.wrong: list[AssertionError] = []
        self.seen: dict[str, int] = {}
        self.course, self.paused, self.cancelled, self.zombie = Course(), False, False, False
        self._begin_life()
        order = {"type": "fake", "max_attempts": MOST, **options}
        answer = call(self.cloud, "EnqueueTaskFunction", "POST", "/enqueue", body=order)
        self.id = body_of(answer)["id"]
        self._carry()

    def teardown(self) -> None:
        try:
            if hasattr(self, "id"):
                self._all_comes_to_an_end()
        finally:
            self.patch.undo()

    @precondition(lambda self: self.row["status"] not in OVER)
    @rule(wish=WISHES, after=WAITS, course=COURSES, any=st.none() | st.integers(0, 5))
    def a_message_comes(self, wish: str, after: int, course: Course, any: int | None) -> None:
        """The last, or any of them and not for the last time; before it a caller may step in."""
        getattr(self, f"_{wish}")()
        self._carry()
        self.time += timedelta(seconds=after)
        if self.queue:
            message = self.queue[-1 if any is None else any % len(self.queue)]
            self._bring(message, course, keep=any is not None)

    @precondition(lambda self: self.row["status"] in OVER)
    @rule(index=st.integers(0, 5))
    def a_message_comes_too_late(self, index: int) -> None:
        runs = self.runs
        self._bring(self.sent[index % len(self.sent)], Course(), keep=True)
        assert self.runs == runs

    @invariant()
    def an_effect_comes_twice_only_where_a_worker_was_lost_after_it(self) -> None:
        assert self.effects - self.excused <= 1

    @invariant()
    def what_has_succeeded_has_its_effect(self) -> None:
        assert self.row["status"] != "succeeded" or self.effects

    @invariant()
    def what_lives_has_a_message(self) -> None:
        assert self.row["status"] in lifecycle.ENDED or self.queue

    @invariant()
    def no_more_is_tried_than_was_asked_for(self) -> None:
        assert self.runs - self.slices <= MOST

    def _nothing(self) -> None: ...

    def _cancel(self) -> None:
        answer = call(self.cloud, "CancelTaskFunction", "DELETE", "/{id}", id=self.id)
        self.cancelled = self.cancelled or body_of(answer).get("status") == "cancelled"

    def _pause(self) -> None:
        pauses.begin(self.cloud.name("SteeringTable"), SCOPE, reason="", now=self.time)
        pauses.forget()
        self.paused = True

    def _resume(self) -> None:
        """End the pause, and wake the task as a sweep does."""
        pauses.end(self.cloud.name("SteeringTable"), SCOPE)
        pauses.forget()
        self.paused = False
        if self._row()["listing"].startswith(lifecycle.PARKED):
            waking = lifecycle.waking(self.cloud.name("TasksTable"), self.id, now=self.time)
            store.transact([waking])

    def _redrive(self) -> None:
        was = self._row()["status"]
        answer = call(self.cloud, "RedriveTaskFunction", "POST", "/{id}/redrives", id=self.id)
        assert answer["statusCode"] == (202 if was == "dead" else 409)
        if was == "dead":
            self._begin_life()

    def _begin_life(self) -> None:
        self.effects = self.excused = self.runs = self.slices = 0

    def _row(self) -> Json:
        return task(self.cloud, self.id)

    def _bring(self, message: str, course: Course, *, keep: bool = False) -> None:
        self.course, self.zombie, self.message = course, False, message
        try:
            gone = self._run(message)
        except ProcessDied:
            gone = False
        if self.wrong:
            raise self.wrong[0]
        # SQS deletes a message only for who has received it last.
        if gone and not keep and not self.zombie:
            self.queue.remove(message)
        self._carry()

    def _run(self, message: str) -> bool:
        answer: Json = self.cloud.invoke("RunTaskFunction", queue(message), LEASE_SECONDS="60")
        return not answer["batchItemFailures"]

    def _work(self, _: Nothing, work: Work) -> Json:
        try:
            return self._be_the_work(work)
        except AssertionError as wrong:  # a worker takes it for the task's, and goes on
            self.wrong.append(wrong)
            raise

    def _be_the_work(self, work: Work) -> Json:
        """See that the work may be done, then take the course that the test says."""
        row, course, self.course = self._row(), self.course, Course()
        assert (row["status"], row["fence"]) == ("running", work.held.fence)
        assert row["due_at"] <= clock.rfc3339(self.time) <= row.get("expires_at", "9")
        assert not self.paused
        assert not self.cancelled
        self.runs += 1
        lost = self._meanwhile(course.meanwhile, work)
        if course.end == "die before":
            raise ProcessDied
        if course.end in FAILURES:
            raise FAILURES[course.end]
        if course.end == "slice":
            self._stop(work)
        self.effects += 1
        self.excused += lost or course.end == "die after"
        if course.end == "die after":
            raise ProcessDied
        return {}

    def _meanwhile(self, what: str, work: Work) -> bool:
        """Have something happen while the work runs; tell whether it has lost its task by that."""
        if what == "a cancellation":
            answer = call(self.cloud, "CancelTaskFunction", "DELETE", "/{id}", id=self.id)
            assert answer["statusCode"] == 202
        if what == "a duplicate":
            before = self.runs, self.effects
            assert not self._run(self.message)
            assert (self.runs, self.effects) == before
        if what == "its lease ends":
            self.time += LEASE + timedelta(seconds=1)
            self._run(self.message)
            self.zombie = self._row().get("fence") != work.held.fence
        return self.zombie

    def _stop(self, work: Work) -> None:
        self.time += SLICE
        try:
            work.checkpoint({"done": 1})
        except Unfinished:
            self.slices += 1
            raise

    def _carry(self) -> None:
        """Have the streams' functions send what has changed, and keep what they send."""
        sent: list[Json] = []
        take = "provide-client-params.sqs.SendMessage"

        def batch(params: Json, **_: Any) -> None:
            sent.extend(each | {"QueueUrl": params["QueueUrl"]} for each in params["Entries"])

        with (
            hooked(f"{take}Batch", batch),
            hooked(take, lambda params, **_: sent.append(params)),
        ):
            self._pass_on("DispatchTasksFunction", "TasksTable", self.id)
            for row in self.cloud.rows("SteeringTable"):
                if row["kind"]["S"] == "lane":
                    self._pass_on("DispatchSteeringFunction", "SteeringTable", row["id"]["S"])
        dead = self.cloud.name("TasksDeadLetterQueue")
        new = [each["MessageBody"] for each in sent if each["QueueUrl"] != dead]
        self.queue, self.sent = self.queue + new, self.sent + new
        self.row = self._row()

    def _pass_on(self, function: str, table: str, id: str) -> None:
        """Carry a row's last change, once."""
        rows = [each for each in self.cloud.rows(table) if each["id"]["S"] == id]
        version = int(rows[0]["version"]["N"])
        if self.seen.get(id) != version:
            kind = "MODIFY" if id in self.seen else "INSERT"
            self.cloud.carry(function, table, rows, kind=kind)
            self.seen[id] = version

    def _all_comes_to_an_end(self) -> None:
        """Let time pass without a fault: whatever came before, the task ends."""
        self._resume()
        self._carry()
        for _ in range(2 * MOST):
            self.time += timedelta(hours=1)
            for message in list(self.queue):
                if self.row["status"] not in lifecycle.ENDED:
                    self._bring(message, Course())
        assert self.row["status"] in lifecycle.ENDED
        self.an_effect_comes_twice_only_where_a_worker_was_lost_after_it()
        self.what_has_succeeded_has_its_effect()


def test_whatever_happens_an_effect_comes_once_and_a_task_to_its_end(cloud: Cloud) -> None:
    machine = type("Effects", (TaskEffects,), {"cloud": cloud})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=25,
            stateful_step_count=15,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
