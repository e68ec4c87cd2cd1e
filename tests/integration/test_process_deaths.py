"""A process may die after any call to AWS: what is delivered again ends as if none had died."""

from collections.abc import Callable
from typing import Any

import pytest
from moto.ses.models import ses_backends

from interchange import store
from tests.architecture import ACCOUNT, REGION, Json
from tests.aws_events import queue, request
from tests.faults import ProcessDied, calls_counted, death_after_call
from tests.moto_cloud import Cloud, Context

ADA = {"email": "ada@example.com", "name": "Ada"}
CSV = b"email,name\na@b.c,Ann\n"
NO_TIME_LEFT = Context(remaining_millis=0)  # so that a claim's lease is over when it is made


def again[T](act: Callable[[], T]) -> T:
    """Do what is delivered at least once: once more after a death."""
    try:
        return act()
    except ProcessDied:
        return act()


def post(cloud: Cloud, name: str, body: Any, **given: Any) -> Json:
    """Call with an Idempotency-Key, as a client that will try again does."""
    headers = {"Idempotency-Key": "key-1", **given.pop("headers", {})}
    event = request(body=body, headers=headers, **given)
    return again(lambda: cloud.invoke(name, event, context=NO_TIME_LEFT))


def deliver(cloud: Cloud, name: str, source: str, **variables: Any) -> None:
    """Hand a function the messages of its queue; what it returns is handed out again."""
    event = queue(*(each["Body"] for each in cloud.messages(source)))
    again(lambda: cloud.invoke(name, event, **variables))


def register(cloud: Cloud) -> list[Any]:
    """Register a user, and play the story to its end: the welcome."""
    answer = post(cloud, "RegisterUserFunction", ADA)
    again(lambda: cloud.carry("PublishUserEventsFunction", "UsersTable"))
    deliver(cloud, "LogEventFunction", "EventLogQueue")
    deliver(cloud, "WelcomeUserFunction", "WelcomeQueue")
    again(lambda: cloud.carry("DispatchTasksFunction", "TasksTable"))
    deliver(cloud, "RunTaskFunction", "TasksQueue", LEASE_SECONDS="-1")
    statuses = [row["status"]["S"] for row in cloud.rows("TasksTable")]
    sizes = [len(cloud.rows(table)) for table in ("UsersTable", "EventsTable", "TasksTable")]
    return [answer["statusCode"], sizes, statuses]


def carry_payment(cloud: Cloud) -> list[Any]:
    """Carry a received webhook to the log."""
    again(lambda: cloud.carry("PublishReceivedFunction", "ReceivedTable"))
    deliver(cloud, "LogEventFunction", "EventLogQueue")
    return [each["id"] for each in cloud.rows("EventsTable")]


def publish(cloud: Cloud) -> list[Any]:
    """Publish an event, and log it."""
    answer = post(cloud, "PublishEventsFunction", {"topic": "user-events", "payload": 1})
    deliver(cloud, "LogEventFunction", "EventLogQueue")
    return [answer["statusCode"], len(cloud.rows("EventsTable"))]


def enqueue(cloud: Cloud) -> list[Any]:
    """Enqueue a task."""
    mail = {"type": "email_notification", "recipient": "a@b.c", "subject": "Hello"}
    answer = post(cloud, "EnqueueTaskFunction", mail)
    return [answer["statusCode"], len(cloud.rows("TasksTable"))]


def sell(cloud: Cloud) -> list[Any]:
    """Take one of three from stock."""
    answer = post(cloud, "AdjustInventoryFunction", {"delta": -1, "reason": "Sold"}, id="pot")
    adjustments = len(cloud.rows("AdjustmentsTable"))
    return [answer["statusCode"], cloud.rows("ProductsTable")[0]["stock"], adjustments]


def arrange(cloud: Cloud) -> None:
    """Begin with three pots and a webhook that has been received."""
    cloud.clear()
    pot = {"id": "pot", "stock": 3, "version": 1, "created_at": "2026"}
    store.put_new(cloud.name("ProductsTable"), pot)
    row = {
        "id": "rcv_1",
        "event_id": "evt_1",
        "source": "stripe",
        "type": "stripe.x",
        "media": "application/json",
        "body": b"{}",
    }
    row |= {"topic": "payment-events", "received_at": "2026-01-15T09:30:00.000Z"}
    store.put_new(cloud.name("ReceivedTable"), row)


@pytest.mark.parametrize("story", [register, carry_payment, publish, enqueue, sell])
def test_a_death_after_any_call_changes_nothing_in_the_end(
    cloud: Cloud, story: Callable[[Cloud], list[Any]]
) -> None:
    arrange(cloud)
    with calls_counted() as calls:
        expected = story(cloud)

    for number, call in enumerate(calls, start=1):
        arrange(cloud)
        with death_after_call(number):
            assert story(cloud) == expected, f"died after call {number}, {call}"


def test_a_mail_goes_out_twice_only_where_the_worker_died_between_ses_and_the_row(
    cloud: Cloud,
) -> None:
    sent: list[Any] = ses_backends[ACCOUNT][REGION].sent_messages
    with calls_counted() as calls:
        register(cloud)

    for number, call in enumerate(calls, start=1):
        cloud.clear()
        sent.clear()
        with death_after_call(number):
            register(cloud)
        assert len(sent) == 1 + (call == "SendEmail")


def test_without_a_key_a_job_whose_file_never_came_does_no_harm(cloud: Cloud) -> None:
    event = request(body=CSV, headers={"Content-Type": "text/csv"})
    with death_after_call(1), pytest.raises(ProcessDied):
        cloud.invoke("StartImportFunction", event)

    assert cloud.invoke("StartImportFunction", event)["statusCode"] == 202
    states = [row["status"]["S"] for row in cloud.rows("ImportsTable")]
    assert states == ["awaiting_upload", "awaiting_upload"]
