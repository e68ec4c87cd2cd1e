"""Daily reports on the deployed stack, of days before: what happens today is put back to then."""

import csv
import io
import json
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from interchange import clock, ids
from local.api import Api, until
from local.props import event_about, stripe_event, stripe_signature
from local.stack import Stack
from tests.chromium import look
from tests.e2e.faults import physical_name, schedules
from tests.e2e.test_request_response import assert_problem
from tests.unit.test_report_pages import Page

LIST = "/api/reports/daily"
PATIENT = 180  # seconds, on a slow machine


def days_ago(count: int) -> datetime:
    """Give a noon of a day that no other test is about."""
    today = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
    return today - timedelta(days=count)


def row(stack: Stack, table: str, **key: str) -> dict[str, Any] | None:
    """Read a row as it is kept, once it is there."""
    found: dict[str, Any] | None = (
        stack.client("dynamodb")
        .get_item(
            TableName=physical_name(stack, table),
            Key={name: {"S": value} for name, value in key.items()},
            ConsistentRead=True,
        )
        .get("Item")
    )
    return found


def put_back(stack: Stack, table: str, found: dict[str, Any], **times: str) -> None:
    """Put a copy of a row whose times, and what is made of them, are of another day."""
    changed = found | {name: {"S": value} for name, value in times.items()}
    stack.client("dynamodb").put_item(TableName=physical_name(stack, table), Item=changed)


def put_back_event(stack: Stack, found: dict[str, Any], at: datetime) -> None:
    id, then = f"{found['id']['S']}-then", clock.rfc3339(at)
    put_back(stack, "EventsTable", found, id=id, recorded_at=then, position=f"{then}#{id}")


def put_back_task(stack: Stack, found: dict[str, Any], at: datetime) -> None:
    id, then = f"{found['id']['S']}-then", clock.rfc3339(at)
    times = {"created_at": then, "listed_at": f"{then}#{id}", "ended_at": then}
    put_back(stack, "TasksTable", found, id=id, **times)


def put_back_import(stack: Stack, found: dict[str, Any], at: datetime) -> None:
    put_back(stack, "ImportsTable", found, job_id=ids.after(ids.first("job", at), 1))


def play(api: Api, stack: Stack, run: str, at: datetime) -> None:
    """Register, pay, mail and import; then put what the functions kept of it back to a day."""
    user = api.post("/api/users", {"email": f"ada.{run}@example.com", "name": "Ada"}, expect=201)
    mail = {"type": "email_notification", "recipient": f"ada.{run}@example.com", "subject": "Hi"}
    task = api.post("/api/tasks/enqueue", mail, expect=202).body
    body = json.dumps(stripe_event(run)).encode()
    signature = stripe_signature(stack.webhook_secrets["stripe"], body)
    headers = {"content-type": "application/json", "stripe-signature": signature}
    paid = api.call("POST", "/stripe/payment-success", body, headers).body
    table = f"email,name\nbob.{run}@example.com,Bob\nnobody,Nobody\n".encode()
    job = api.call("POST", "/api/users/batch", table, {"content-type": "text/csv"}).body
    about = lambda: event_about(api, user.body["id"])  # noqa: E731 - asked again and again
    event_id = until("the registration", about, within=PATIENT)["id"]
    put_back_event(stack, row(stack, "EventsTable", id=event_id) or {}, at)
    payment = lambda: row(stack, "EventsTable", id=paid["event_id"])  # noqa: E731
    put_back_event(stack, until("the payment", payment, within=PATIENT), at)
    done = lambda: ended(stack, "TasksTable", {"id": task["id"]}, "succeeded")  # noqa: E731
    put_back_task(stack, until("the task's end", done, within=PATIENT), at)
    key = {"job_id": job["id"], "part": "job"}
    over = lambda: ended(stack, "ImportsTable", key, "completed_with_errors")  # noqa: E731
    put_back_import(stack, until("the import's end", over, within=PATIENT), at)


def ended(stack: Stack, table: str, key: dict[str, str], status: str) -> dict[str, Any] | None:
    found = row(stack, table, **key)
    return found if found and found["status"]["S"] == status else None


def start(api: Api, date: str) -> int:
    """Ask for a day's report; say which run it is: the schedule's own tick may have come before."""

    def ask() -> Any:
        answer = api.call("POST", f"{LIST}/{date}")
        return None if answer.status == 409 else answer

    answer = until(f"the start of {date}", ask, within=PATIENT)
    assert answer.status == 202, answer.body
    assert answer.headers["location"] == date
    run: int = answer.body["run"]
    return run


def made(api: Api, date: str, *, run: int) -> dict[str, Any]:
    """Wait for a run of a day's report."""

    def look() -> dict[str, Any] | None:
        found = found_or_none_yet(api, date)
        return found if found and found["run"] == run else None

    return until(f"the report of {date}", look, within=PATIENT)


def found_or_none_yet(api: Api, date: str) -> dict[str, Any] | None:
    answer = api.get(f"{LIST}/{date}")
    return answer.body if answer.status == 200 else None


def total(report: dict[str, Any]) -> list[int]:
    """Give the numbers of a day as they are compared."""
    today = report["week"][-1]
    return [today[name] for name in ("registered", "payments", "events", "deliveries", "tasks")]


def test_a_day_is_reported_as_numbers_as_a_table_and_as_a_page(
    api: Api, stack: Stack, run: str
) -> None:
    at = days_ago(9)
    date = at.date().isoformat()
    play(api, stack, run, at)

    report = made(api, date, run=start(api, date))

    assert total(report) == [1, 1, 2, 0, 1]
    assert report["tasks"]["by_type"] == {"email_notification": {"succeeded": 1}}
    assert report["imports"]["rows"]["created"] == report["imports"]["rows"]["failed"] == 1
    assert report["payments"]["received"] == 1
    assert [each["events"] for each in report["events"]["by_hour"]][12] == 2
    table = api.call("GET", f"{LIST}/{date}", headers={"accept": "text/csv"}).body
    rows = list(csv.reader(io.StringIO(table, newline=""), strict=True))
    assert [date, "users", "registered", "", "1"] in rows
    page = api.call("GET", f"{LIST}/{date}", headers={"accept": "text/html"})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "Registrations" in Page(page.body).text
    again = {"accept": "text/html", "if-none-match": page.headers["etag"]}
    assert api.call("GET", f"{LIST}/{date}", headers=again).status == 304


def test_a_reports_page_opens_in_a_browser(
    api: Api, stack: Stack, run: str, tmp_path: Path
) -> None:
    at = days_ago(15)
    date = at.date().isoformat()
    play(api, stack, run, at)
    made(api, date, run=start(api, date))
    listed = api.get(f"{LIST}?page_size=100").body["items"]
    (url,) = (each["page_url"] for each in listed if each["id"] == date)

    seen = look(url, tmp_path)

    assert seen.console == []
    blue, green, red = "#2f6fde", "#1a8a5a", "#c93a3a"  # numbers, what succeeded, what failed
    assert all(seen.colours[each] > 500 for each in (blue, green, red)), seen.colours


def test_a_report_is_made_anew_in_its_own_place(api: Api, stack: Stack, run: str) -> None:
    at = days_ago(12)
    date = at.date().isoformat()
    before = made(api, date, run=start(api, date))
    event = {"topic": "user-events", "type": f"it.{run}", "payload": {}}
    id = api.post("/events/publish", event, expect=202).body["id"]
    logged = lambda: row(stack, "EventsTable", id=id)  # noqa: E731 - asked again and again
    put_back_event(stack, until("the event", logged, within=PATIENT), at)

    after = made(api, date, run=start(api, date))

    assert after["run"] == before["run"] + 1
    assert total(after) == [a + b for a, b in zip(total(before), [0, 0, 1, 0, 0], strict=True)]


def test_two_ticks_at_once_make_up_the_missed_days_once_each(api: Api, stack: Stack) -> None:
    noon = days_ago(21)
    first, *dates = [(noon + timedelta(days=each)).date().isoformat() for each in range(3)]
    made(api, first, run=start(api, first))
    queue = stack.client("sqs")
    meant_for = clock.rfc3339(noon + timedelta(days=3))
    tick = json.dumps({"scheduled_at": meant_for.replace(".000Z", "Z")})

    for _ in range(2):
        queue.send_message(QueueUrl=physical_name(stack, "ReportsQueue"), MessageBody=tick)

    reports = [made(api, date, run=1) for date in dates]
    assert [total(each) for each in reports] == [[0] * 5] * 2
    listed = api.get(f"{LIST}?page_size=100").body["items"]
    found = {each["id"]: each for each in listed}
    assert [each["id"] for each in listed] == sorted(found, reverse=True)
    assert {found[date]["status"] for date in [first, *dates]} == {"completed"}
    assert [found[date]["run"] for date in dates] == [1, 1]
    with urllib.request.urlopen(found[first]["page_url"], timeout=30) as response:
        assert response.headers["content-type"] == "text/html; charset=utf-8"
        assert "prefers-color-scheme" in response.read().decode()


def test_the_latest_report_is_that_of_the_latest_day(api: Api) -> None:
    date = days_ago(5).date().isoformat()
    made(api, date, run=start(api, date))

    latest = api.get(f"{LIST}/latest")

    assert latest.status == 200
    assert latest.body["id"] >= date
    assert latest.headers["content-location"] == f"{latest.body['id']}?format=json"


@pytest.mark.parametrize(
    ("count", "status", "code"), [(-2, 409, "day_not_over"), (400, 409, "day_not_kept")]
)
def test_a_day_that_cannot_be_counted_is_refused(
    api: Api, count: int, status: int, code: str
) -> None:
    date = days_ago(count).date().isoformat()

    assert_problem(api.call("POST", f"{LIST}/{date}"), status, code)
    assert_problem(api.get(f"{LIST}/{date}"), 404, "report_not_found")


def test_the_schedule_ticks_into_the_queue_of_the_reports(stack: Stack) -> None:
    queue = physical_name(stack, "ReportsQueue").rpartition("/")[2]

    (schedule,) = (
        each for each in schedules(stack) if each["Target"]["Arn"].rpartition(":")[2] == queue
    )

    assert schedule["ScheduleExpression"] == "cron(0 6 * * ? *)"
    assert schedule["Target"]["Input"] == "{}"  # the emulator has no placeholders
