"""From the users table's stream to the subscribers' queues."""

import json

import pytest

from interchange import items, store, users
from interchange.trace import Trace
from tests import aws_events
from tests.architecture import Json
from tests.faults import refusing
from tests.moto_cloud import Cloud

TRACE = Trace("order-7", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
AT, LATER = "2026-01-15T09:30:00.000Z", "2026-02-01T12:00:00.000Z"


def put_user(cloud: Cloud, email: str, origin: str = "registered") -> Json:
    row = users.row(email=email, name="Ada", origin=origin, now=AT, trace=TRACE)
    store.put_new(cloud.name("UsersTable"), row)
    return row


def publish(cloud: Cloud) -> None:
    cloud.carry("PublishUserEventsFunction", "UsersTable")


def events(cloud: Cloud, queue: str = "EventLogQueue") -> list[Json]:
    return [json.loads(each["Body"]) for each in cloud.messages(queue)]


def test_a_new_user_becomes_an_event_that_carries_the_requests_trace(cloud: Cloud) -> None:
    user = put_user(cloud, "ada@example.com")

    publish(cloud)

    (event,) = events(cloud)
    assert event.pop("id").startswith("evt_")
    assert event == {
        "specversion": "1.0",
        "source": "/api/users",
        "type": "user.registered",
        "subject": user["id"],
        "time": AT,
        "recordedtime": AT,
        "topic": "user-events",
        "correlationid": TRACE.correlation_id,
        "traceparent": TRACE.traceparent,
        "datacontenttype": "application/json",
        "data": users.representation(user),
    }


def test_a_subscriber_can_tell_topic_and_type_without_reading_the_event(cloud: Cloud) -> None:
    put_user(cloud, "ada@example.com", "imported")

    publish(cloud)

    (message,) = cloud.messages("EventLogQueue")
    values = {name: each["StringValue"] for name, each in message["MessageAttributes"].items()}
    assert values == {"topic": "user-events", "type": "user.imported"}


def test_registrations_reach_the_welcome_and_imports_do_not(cloud: Cloud) -> None:
    put_user(cloud, "ada@example.com", "registered")
    put_user(cloud, "grace@example.com", "imported")

    publish(cloud)

    assert [each["type"] for each in events(cloud, "WelcomeQueue")] == ["user.registered"]
    assert len(events(cloud)) == 2


def test_carrying_a_row_twice_is_one_event_twice(cloud: Cloud) -> None:
    put_user(cloud, "ada@example.com")

    publish(cloud)
    publish(cloud)

    one, other = events(cloud)
    assert one == other


def test_the_same_address_after_another_beginning_is_another_event(cloud: Cloud) -> None:
    user = put_user(cloud, "ada@example.com")
    later = user | {"created_at": "2026-02-01T00:00:00.000Z"}

    cloud.carry("PublishUserEventsFunction", "UsersTable", [items.pack(user), items.pack(later)])

    assert len({each["id"] for each in events(cloud)}) == 2


def test_a_batch_of_a_hundred_arrives_whole(cloud: Cloud) -> None:
    addresses = [f"user{number}@example.com" for number in range(100)]
    for address in addresses:
        put_user(cloud, address)

    publish(cloud)

    assert sorted(each["data"]["email"] for each in events(cloud)) == sorted(addresses)


def test_what_cannot_be_published_comes_back(cloud: Cloud) -> None:
    put_user(cloud, "ada@example.com")

    with (
        refusing("sns", "PublishBatch", "Throttled", 429),
        pytest.raises(Exception, match="did not take 1"),
    ):
        publish(cloud)


def change(cloud: Cloud, user: Json, **to: object) -> Json:
    """Carry a change of a user's row; give the row as it is then."""
    (old,) = aws_events.stream([items.pack(user)])["Records"]
    (record,) = aws_events.stream([items.pack(user | to)], kind="MODIFY")["Records"]
    record["dynamodb"]["OldImage"] = old["dynamodb"]["NewImage"]
    cloud.pass_on("PublishUserEventsFunction", [record])
    return user | to


def test_a_change_of_a_user_is_told_with_what_is_now_and_its_version(cloud: Cloud) -> None:
    user = put_user(cloud, "ada@example.com")

    changes = {"name": "Eve", "version": 2, "updated_at": LATER, "correlation_id": "import-1"}
    eve, _ = (change(cloud, user, **changes) for _ in range(2))  # it comes twice
    ada = change(cloud, eve, name="Ada", version=3)

    first, again, last = events(cloud)
    assert first == again
    assert first["id"] != last["id"]
    assert (first["type"], first["subject"], first["time"]) == ("user.updated", user["id"], LATER)
    assert first["correlationid"] == "import-1"
    assert [first["data"], last["data"]] == [users.representation(each) for each in (eve, ada)]


def test_what_is_only_noted_in_a_users_row_is_no_news(cloud: Cloud) -> None:
    user = put_user(cloud, "ada@example.com")

    change(cloud, user, import_job_id="job_1", import_row=7)
    change(cloud, user, deleted_at=LATER, version=2)

    assert events(cloud) == []


def removed(user: Json) -> Json:
    """Make the stream's record of a deletion."""
    batch = aws_events.stream([items.pack(user)], kind="REMOVE")
    image = batch["Records"][0]["dynamodb"]
    image["OldImage"] = image.pop("NewImage")
    return batch


def test_a_deletion_becomes_an_event_that_says_no_more_than_whose(cloud: Cloud) -> None:
    user = users.row(email="a@b.c", name="Ada", origin="registered", now=AT, trace=TRACE)

    cloud.invoke("PublishUserEventsFunction", removed(user | {"deleted_at": AT}))

    (event,) = events(cloud)
    assert (event["type"], event["subject"]) == ("user.deleted", user["id"])
    assert event["data"] == {"id": user["id"]}


def test_a_row_that_an_administrator_deletes_does_not_block_the_stream(cloud: Cloud) -> None:
    user = users.row(email="a@b.c", name="Ada", origin="registered", now=AT, trace=TRACE)

    cloud.invoke("PublishUserEventsFunction", removed(user))

    assert [each["type"] for each in events(cloud)] == ["user.deleted"]
