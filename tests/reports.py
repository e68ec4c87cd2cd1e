"""Daily reports in moto: a day's rows, and what AWS carries, by hand."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from batch_processing import jobs
from batch_processing.reports import days
from batch_processing.reports.days import Day
from interchange import aws, clock, ids, items, store, tasks
from interchange.trace import Trace
from publish_subscribe import event_rows
from tests.answers import body_of
from tests.architecture import Json
from tests.aws_events import queue, request
from tests.cloud_events import event
from tests.moto_cloud import Cloud, Context
from webhook.delivering import deliveries

TRACE = Trace("order-7", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
PATH = "/api/reports/daily/{date}"
PAID = {"type": "payment_intent.succeeded", "data": {"object": {"amount": 1999, "currency": "eur"}}}
KEPT = timedelta(days=30)


def yesterday(*, back: int = 1) -> Day:
    """Give the last day that is over, or one before it."""
    return days.of(clock.now().date() - timedelta(days=back), "UTC")


class Reports:
    """Puts what is to be counted, and carries ticks and steps until nothing moves."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.seen: dict[str, Json] = {}
        self.number = 0

    def put_event(self, at: datetime, **given: Any) -> None:
        """Put an event into the log."""
        self.number += 1
        found = event(id=f"evt_{self.number}", recorded_at=clock.rfc3339(at), **given)
        row = event_rows.row(found, found.to_json(), None, now=at, retention=KEPT)
        store.put_new(self.cloud.name("EventsTable"), row)

    def put_task(self, at: datetime, *, type: str, status: str) -> None:
        """Put a task that was enqueued three days before, and has come to its end."""
        self.number += 1
        id, began = f"tsk_{self.number}", clock.rfc3339(at - timedelta(days=3))
        row = tasks.row(id=id, type=type, payload={}, now=began, trace=TRACE)
        over = {"status": status, "listing": tasks.listing(status, id)}
        over |= {"ended_at": clock.rfc3339(at)}
        store.put_new(self.cloud.name("TasksTable"), row | over)

    def put_delivery(self, at: datetime, endpoint_id: str, *, status: str, attempts: int) -> None:
        """Put a delivery to an endpoint."""
        self.number += 1
        about = event(id=f"evt_{self.number}")
        endpoint = {"id": endpoint_id, "status": "active"}
        expires = int((at + KEPT).timestamp())
        row = deliveries.row(about, endpoint, kept_as=about.id, now=at, expires_epoch=expires)
        over = {"status": status, "attempts": attempts}
        store.put_new(self.cloud.name("DeliveriesTable"), row | over)

    def put_import(self, at: datetime, *, dry_run: bool = False, **counts: int) -> None:
        """Put an import that has ended."""
        self.number += 1
        id = ids.after(ids.first("job", at), self.number)
        asked: Json = {"mode": "create", "dry_run": dry_run, "notify": False}
        about: Json = {"entity": "users", "format": "csv", "asked": asked}
        job = jobs.new_job(id, **about, now=at, days=30, trace=TRACE)
        over = {"status": "completed", "counts": jobs.counts(**counts)}
        store.put_new(self.cloud.name("ImportsTable"), job | over, key="job_id")

    def put_day(self, day: Day) -> None:
        """Put something of everything: on the day, its first and last moments, and beside it."""
        noon, last = day.start + timedelta(hours=12), day.end - timedelta(milliseconds=1)
        for at in (day.start - timedelta(milliseconds=1), day.start, noon, last, day.end):
            self.put_event(at, type="user.registered")
            self.put_task(at, type="email_notification", status="succeeded")
            self.put_delivery(at, "ep_1", status="delivered", attempts=2)
            self.put_import(at, created=2, failed=1)
        self.put_event(noon, type="user.imported")
        self.put_event(noon, type="user.deleted")
        self.put_event(noon, topic="orders", type="order.placed")
        paid = {"topic": "payment-events", "type": "stripe.payment_intent.succeeded"}
        self.put_event(noon, **paid, data=PAID)
        self.put_task(noon, type="http_request", status="dead")
        self.put_delivery(noon, "ep_2", status="exhausted", attempts=10)
        self.put_import(noon, dry_run=True, created=99)
        for table, id in (("EndpointsTable", "ep_1"), ("EndpointsTable", "ep_2")):
            store.put_new(self.cloud.name(table), {"id": id})
        store.put_new(self.cloud.name("TopicsTable"), {"id": "orders"})
        store.put_new(self.cloud.name("TopicsTable"), {"id": "user-events"})

    def tick(self, at: datetime | None = None) -> Json:
        """Have a tick come that was meant for a time."""
        given = clock.rfc3339(at or clock.now()).replace("+00:00", "Z")
        return self.take({"scheduled_at": given})

    def take(self, message: Json, *, context: Context | None = None) -> Json:
        """Hand one message over; say which are to come back."""
        given: Json = {} if context is None else {"context": context}
        answer: Json = self.cloud.invoke("MakeReportFunction", queue(message), **given)
        return answer

    def carry(self) -> None:
        """Carry the table's changes to the queue."""
        rows = {each["id"]["S"]: each for each in self.cloud.rows("ReportsTable")}
        changed = {id: row for id, row in rows.items() if self.seen.get(id) != row}
        self.cloud.pass_on(
            "DispatchReportsFunction",
            [_record(row, self.seen.get(id)) for id, row in changed.items()],
        )
        self.seen |= changed

    def due(self) -> list[Json]:
        """Take the messages of the steps that are due."""
        self.carry()
        return [json.loads(each["Body"]) for each in self.cloud.messages("ReportsQueue")]

    def finish(self, *, context: Context | None = None) -> None:
        """Take steps until none is due."""
        while found := self.due():
            for each in found:
                assert self.take(each, context=context) == {"batchItemFailures": []}

    def rows(self) -> dict[str, Json]:
        """Read every report's row."""
        found = map(items.unpack, self.cloud.rows("ReportsTable"))
        return {each["id"]: each for each in found}

    def start(self, date: str, *, key: str | None = None) -> Json:
        """Ask for a report."""
        headers = {} if key is None else {"Idempotency-Key": key}
        event = request("POST", PATH, headers=headers, date=date)
        answer: Json = self.cloud.invoke("StartReportFunction", event)
        return answer

    def get(self, date: str, *, form: str | None = None, **headers: str) -> Json:
        """Read a report."""
        path, named = (PATH, {"date": date}) if date != "latest" else (f"{PATH[:-6]}latest", {})
        event = request("GET", path, headers=headers, **named)
        event["multiValueQueryStringParameters"] = form and {"format": [form]}
        answer: Json = self.cloud.invoke("GetReportFunction", event)
        return answer

    def report(self, date: str) -> Json:
        """Read a report's numbers, and nothing of when it was made."""
        found: Json = body_of(self.get(date))
        assert clock.parse(found.pop("made_at")) <= datetime.now(UTC)
        return found

    def files(self) -> dict[str, str]:
        """Read every file there is."""
        bucket = self.cloud.name("ReportsBucket")
        found = aws.s3().list_objects_v2(Bucket=bucket).get("Contents", [])
        return {
            each["Key"]: aws.s3().get_object(Bucket=bucket, Key=each["Key"])["Body"].read().decode()
            for each in found
        }


def _record(row: Json, old: Json | None) -> Json:
    images = {"NewImage": row} | ({"OldImage": old} if old else {})
    return {
        "eventName": "MODIFY" if old else "INSERT",
        "eventSource": "aws:dynamodb",
        "dynamodb": {"Keys": {"id": row["id"]}, **images},
    }
