"""Keeping every published event."""

import json
from datetime import timedelta

import pytest

from interchange import aws, clock, items
from tests.architecture import parameters
from tests.aws_events import queue
from tests.cloud_events import event, message
from tests.faults import refusing
from tests.moto_cloud import Cloud

DAY = 24 * 3600


def log(cloud: Cloud, *bodies: object) -> list[str]:
    """Log a batch and name the messages that come back."""
    answer = cloud.invoke("LogEventFunction", queue(*bodies))
    return [each["itemIdentifier"] for each in answer["batchItemFailures"]]


def test_an_event_is_kept_as_its_subscribers_got_it(cloud: Cloud) -> None:
    assert log(cloud, message()) == []

    (row,) = map(items.unpack, cloud.rows("EventsTable"))
    assert json.loads(row["event"]) == message()
    assert (row["topic"], row["type"]) == ("user-events", "user.registered")


def test_an_event_is_kept_for_as_long_as_the_template_says(cloud: Cloud) -> None:
    """From its recording on, as what came by claim check: a late row must not outlive that."""
    recorded = clock.now() - timedelta(days=3)
    log(cloud, message(recorded_at=clock.rfc3339(recorded)))

    kept = int(cloud.rows("EventsTable")[0]["expires_epoch"]["N"]) - recorded.timestamp()
    assert kept == pytest.approx(int(parameters()["RetentionDays"]) * DAY, abs=1)


def test_an_event_that_comes_twice_is_kept_once(cloud: Cloud) -> None:
    assert log(cloud, message(), message()) == []
    assert log(cloud, message()) == []

    assert len(cloud.rows("EventsTable")) == 1


def test_what_is_no_event_comes_back_and_takes_no_neighbour_along(cloud: Cloud) -> None:
    assert log(cloud, message(id="evt_1"), {"id": "evt_2"}, "no JSON", message(id="evt_3")) == [
        "message-1",
        "message-2",
    ]
    assert {row["id"]["S"] for row in cloud.rows("EventsTable")} == {"evt_1", "evt_3"}


def test_an_event_that_cannot_be_kept_now_comes_back(cloud: Cloud) -> None:
    with refusing("dynamodb", "PutItem", "ThrottlingException"):
        assert log(cloud, message()) == ["message-0"]

    assert log(cloud, message()) == []


def test_an_events_place_is_its_recording_and_then_its_id(cloud: Cloud) -> None:
    log(cloud, message(recorded_at="2026-11-01T00:00:00.000Z", record_id="evt_2"))

    (row,) = map(items.unpack, cloud.rows("EventsTable"))
    assert (row["id"], row["position"]) == ("evt_2", "2026-11-01T00:00:00.000Z#evt_2")


def test_what_came_by_claim_check_stays_in_its_bucket_and_its_row_has_the_attributes(
    cloud: Cloud,
) -> None:
    text = event(data="x" * 300_000, subject="usr_1").to_json()
    bucket, key = cloud.name("PayloadsBucket"), "events/evt_1/digest"
    aws.s3().put_object(Bucket=bucket, Key=key, Body=text.encode())

    assert log(cloud, {"claim_check": key, "correlationid": "order-7"}) == []

    (row,) = map(items.unpack, cloud.rows("EventsTable"))
    kept = json.loads(row["event"])
    assert kept == {name: each for name, each in json.loads(text).items() if name != "data"}
    assert row["claim_check"] == key


def test_a_row_holds_an_event_whose_extensions_are_too_many(cloud: Cloud) -> None:
    text = event(extensions={f"x{number}": "€" * 500 for number in range(300)}).to_json()
    bucket, key = cloud.name("PayloadsBucket"), "events/evt_1/digest"
    aws.s3().put_object(Bucket=bucket, Key=key, Body=text.encode())

    assert log(cloud, {"claim_check": key, "correlationid": "order-7"}) == []

    (row,) = map(items.unpack, cloud.rows("EventsTable"))
    kept = json.loads(row["event"])
    assert kept.items() < json.loads(text).items()
    assert kept["type"] == "user.registered"
    assert "x1" not in kept
