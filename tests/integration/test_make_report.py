"""One report a day, exact, whatever dies and however often a tick comes."""

import itertools
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest

from batch_processing.reports import days, rows
from interchange import clock, store
from message_queue import lifecycle
from tests.architecture import Json
from tests.faults import ProcessDied, calls_counted, death_after_call, hooked
from tests.moto_cloud import Cloud, Context
from tests.reports import Reports, yesterday
from tests.task_rows import put_task, task

NO_TIME = Context(remaining_millis=0)
EXPECTED: Json = {
    "users": {"registered": 3, "imported": 1, "deleted": 1},
    "imports": {
        "total": 3,
        "by_status": {"completed": 3},
        "rows": {
            "total": 9,
            "created": 6,
            "updated": 0,
            "unchanged": 0,
            "failed": 3,
            "unprocessed": 0,
        },
    },
    "payments": {
        "received": 1,
        "amounts": [{"currency": "eur", "payments": 1, "amount": 1999}],
        "by_type": {"stripe.payment_intent.succeeded": 1},
    },
    "deliveries": {
        "total": 4,
        "attempts": 16,
        "by_status": {"delivered": 3, "exhausted": 1},
    },
    "tasks": {
        "total": 4,
        "by_status": {"dead": 1, "succeeded": 3},
        "by_type": {"email_notification": {"succeeded": 3}, "http_request": {"dead": 1}},
    },
}


@pytest.fixture
def reports(cloud: Cloud) -> Reports:
    found = Reports(cloud)
    found.put_day(yesterday())
    return found


def is_exact(report: Json) -> bool:
    hours = [each["events"] for each in report["events"]["by_hour"]]
    assert {name: report[name] for name in EXPECTED} == EXPECTED
    assert report["events"]["by_topic"] == {"user-events": 5, "orders": 1, "payment-events": 1}
    assert (hours[0], hours[12], hours[23], sum(hours)) == (1, 5, 1, 7)
    return True


def test_a_tick_has_the_day_before_counted_from_midnight_to_midnight(reports: Reports) -> None:
    day = yesterday()

    reports.tick()
    reports.finish()

    (row,) = reports.rows().values()
    assert (row["id"], row["status"], row["run"]) == (day.date, "completed", 1)
    assert "reading" not in row
    assert rows.shown(row)["progress"] == {"step": 1, "rows_read": 19}
    assert is_exact(reports.report(day.date))
    assert reports.files().keys() == {
        f"reports/daily/{day.date}.{form}" for form in ("csv", "html", "json")
    }


def test_a_tick_that_names_no_time_is_meant_for_now(reports: Reports) -> None:
    reports.take({})

    assert reports.rows().keys() == {yesterday().date}


def test_two_ticks_at_once_have_one_report(reports: Reports) -> None:
    others: list[Json] = []

    def meanwhile(**_: Any) -> None:
        if not others:
            others.append({})
            others.append(reports.tick())

    with hooked("before-call.dynamodb.PutItem", meanwhile):
        assert reports.tick() == {"batchItemFailures": []}
    assert others[1] == {"batchItemFailures": []}
    reports.tick()

    assert [each["id"] for each in reports.due()] == [yesterday().date]
    assert len(reports.rows()) == 1


def test_a_late_tick_is_for_the_day_it_was_meant_for(reports: Reports) -> None:
    reports.tick(clock.now() - timedelta(days=2))

    assert reports.rows().keys() == {yesterday(back=3).date}


def test_a_tick_of_the_future_opens_no_day_that_is_not_over(reports: Reports) -> None:
    reports.tick(clock.now() + timedelta(days=5))

    assert reports.rows().keys() == {yesterday().date}


def test_missed_days_are_made_up_and_one_that_failed_is_tried_again(reports: Reports) -> None:
    reports.tick(clock.now() - timedelta(days=4))
    reports.finish()
    reports.tick(clock.now() - timedelta(days=1))
    failed = yesterday(back=3).date
    table = reports.cloud.name("ReportsTable")
    store.update(
        table,
        {"id": failed},
        "SET #status = :f",
        when="attribute_exists(#id)",
        values={"f": "failed"},
    )

    reports.tick()
    reports.finish()

    found = {id: (row["status"], row["run"]) for id, row in reports.rows().items()}
    assert found == {
        yesterday(back=back).date: ("completed", 2 if back == 3 else 1) for back in range(1, 6)
    }
    assert is_exact(reports.report(yesterday().date))


def test_no_more_is_made_up_than_is_kept(reports: Reports) -> None:
    long_ago = yesterday(back=200)
    row = {"id": long_ago.date, "kind": "daily", "status": "completed", "version": 1}
    store.put_new(reports.cloud.name("ReportsTable"), row)

    reports.tick()

    found = sorted(reports.rows())[1:]
    now, kept = clock.now(), timedelta(days=30)
    assert len(found) in {28, 29}
    assert all(days.is_kept(yesterday(back=back), now=now, kept=kept) for back in range(1, 29))


def test_a_report_made_in_many_steps_is_the_same(reports: Reports) -> None:
    reports.tick()

    reports.finish(context=NO_TIME)

    (row,) = reports.rows().values()
    assert row["step"] > 25
    assert is_exact(reports.report(row["id"]))


def after_queries(count: int, act: Callable[[], object]) -> AbstractContextManager[None]:
    """Have something happen once so many pages have been read."""
    calls = itertools.count(1)
    return hooked("after-call.dynamodb.Query", lambda **_: next(calls) == count and act())


@pytest.mark.parametrize("pages", [1, 4, 5, 8, 12, 16])
def test_a_task_that_moves_while_the_day_is_read_is_not_counted_in_two_states(
    cloud: Cloud, reports: Reports, pages: int
) -> None:
    at, table = clock.rfc3339(yesterday().start), cloud.name("TasksTable")
    put_task(cloud, "tsk_waiting", now=at)

    def run() -> None:
        held = lifecycle.claim(table, "tsk_waiting", now=clock.now(), lease=timedelta(1))
        lifecycle.succeed(held, result=None, now=clock.now(), kept=timedelta(1))

    reports.tick()
    with after_queries(pages, run):
        reports.finish()

    assert task(cloud, "tsk_waiting")["status"] == "succeeded"
    assert is_exact(reports.report(yesterday().date))


@pytest.mark.parametrize("pages", [1, 4, 5, 8, 12, 16])
def test_a_dead_task_that_is_redriven_while_its_day_is_read_has_no_other_outcome_there(
    cloud: Cloud, reports: Reports, pages: int
) -> None:
    at, table = clock.rfc3339(yesterday().start), cloud.name("TasksTable")
    put_task(cloud, "tsk_dead", type="users_report", status="dead", now=at, ended_at=at)

    def redrive() -> None:
        now = clock.now()
        store.transact([lifecycle.redriving(table, "tsk_dead", due_at=now, by="x", now=now)])
        held = lifecycle.claim(table, "tsk_dead", now=clock.now(), lease=timedelta(1))
        lifecycle.succeed(held, result=None, now=clock.now(), kept=timedelta(1))

    reports.tick()
    with after_queries(pages, redrive):
        reports.finish()

    found = reports.report(yesterday().date)["tasks"]["by_type"].get("users_report", {"dead": 1})
    assert found == {"dead": 1}


def test_a_task_counts_on_the_day_on_which_it_ended_whenever_it_was_enqueued(
    cloud: Cloud, reports: Reports
) -> None:
    for back, status in ((3, "succeeded"), (2, "cancelled"), (1, "expired")):
        at = yesterday(back=back).start
        put_task(
            cloud,
            f"tsk_{status}",
            type="users_report",
            status=status,
            now=clock.rfc3339(at - timedelta(days=300)),
            ended_at=clock.rfc3339(at + timedelta(hours=1)),
        )
    put_task(cloud, "tsk_waiting", type="users_report")
    reports.tick()
    reports.finish()

    found = reports.report(yesterday().date)["tasks"]

    assert found["by_type"]["users_report"] == {"expired": 1}


def test_a_worker_killed_after_any_call_of_a_tick_leaves_nothing_undone(cloud: Cloud) -> None:
    with calls_counted() as calls:
        Reports(cloud).tick()
    for number in range(1, len(calls) + 1):
        cloud.clear()
        reports = Reports(cloud)
        with death_after_call(number), pytest.raises(ProcessDied):
            reports.tick()

        reports.tick()

        assert [each["id"] for each in reports.due()] == [yesterday().date]


def test_a_worker_killed_after_any_call_of_a_step_leaves_the_old_report_or_the_new(
    reports: Reports,
) -> None:
    date = yesterday().date
    reports.tick()
    reports.finish()
    reports.put_task(yesterday().start, type="users_report", status="succeeded")
    reports.start(date)
    (message,) = reports.due()
    with calls_counted() as calls:
        reports.take(message)
    after = reports.files()
    assert len(calls) == 30
    # All calls at the end write something; those before only read.
    for number in [1, 2, 20, *range(len(calls) - 7, len(calls) + 1)]:
        reports.start(date)
        (message,) = reports.due()

        with death_after_call(number), pytest.raises(ProcessDied):
            reports.take(message)

        found = reports.files()
        assert found.keys() == after.keys()
        assert json.loads(reports.get(date)["body"])["tasks"]["total"] in {4, 5}
        assert found[f"reports/daily/{date}.html"].endswith("</html>\n")
        assert reports.get(date)["statusCode"] == 200
        reports.take(message)
        reports.finish()
        assert reports.rows()[date]["status"] == "completed"
        assert reports.report(date)["tasks"]["total"] == 5
        assert reports.files().keys() == after.keys()


def test_a_worker_that_was_overtaken_writes_nothing(reports: Reports) -> None:
    reports.tick()
    (message,) = reports.due()
    table, date = reports.cloud.name("ReportsTable"), yesterday().date
    others: list[Json | None] = []

    def meanwhile(**_: Any) -> None:
        if not others:
            others.append({})
            others.append(rows.begin(table, date, run=1, step=1))

    with hooked("before-call.dynamodb.Scan", meanwhile), calls_counted() as calls:
        reports.take(message)

    assert "PutObject" not in calls
    assert reports.rows()[date] == others[1]
    reports.take(message)
    assert is_exact(reports.report(date))


def test_a_step_of_an_earlier_run_is_past(reports: Reports) -> None:
    date = yesterday().date
    reports.tick()
    (message,) = reports.due()
    reports.take(message)
    reports.start(date)

    with calls_counted() as calls:
        reports.take(message)

    assert calls == ["UpdateItem"]
    assert reports.rows()[date]["attempts"] == 0


def test_a_day_that_cannot_be_counted_fails_and_the_next_tick_tries_again(
    reports: Reports,
) -> None:
    date = yesterday().date
    reports.tick()
    (message,) = reports.due()
    receives = int(
        reports.cloud.resolver.resolve({"Fn::FindInMap": ["Pace", {"Ref": "Pace"}, "Receives"]})
    )
    for _ in range(receives - 2):
        with death_after_call(2), pytest.raises(ProcessDied):
            reports.take(message)

    reports.take(message)

    row = reports.rows()[date]
    assert (row["status"], row["error"]["code"]) == ("failed", "counting_failed")
    assert reports.get(date)["statusCode"] == 409
    reports.tick()
    reports.finish()
    assert is_exact(reports.report(date))


def test_the_week_before_stands_beside_the_day(reports: Reports) -> None:
    reports.tick(clock.now() - timedelta(days=2))
    reports.finish()
    reports.tick()
    reports.finish()

    week = reports.report(yesterday().date)["week"]

    assert [each["id"] for each in week] == [yesterday(back=back).date for back in range(8, 0, -1)]
    assert [each["tasks"] for each in week] == [None] * 5 + [0, 1, 4]
