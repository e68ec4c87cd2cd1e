"""From received webhooks to the subscribers' queues."""

import base64
import json

import pytest

from interchange import aws, items
from tests.architecture import Json
from tests.aws_events import stream
from tests.moto_cloud import Cloud

# What the welcome takes: the log does not take replays.
WELCOMED = {"topic": "user-events", "type": "user.registered"}


def received(body: bytes, id: str = "1") -> Json:
    return {
        "id": f"rcv_{id}",
        "event_id": f"evt_{id}",
        "source": "stripe",
        "topic": "payment-events",
        "type": "stripe.charge.failed",
        "media": "application/json",
        "body": body,
        "received_at": "2026-01-15T09:30:00.000Z",
        "correlation_id": "order-7",
        "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    }


def published(cloud: Cloud, *bodies: bytes) -> list[Json]:
    rows = [items.pack(received(body, str(index))) for index, body in enumerate(bodies)]
    cloud.carry("PublishReceivedFunction", "ReceivedTable", rows)
    return [json.loads(each["Body"]) for each in cloud.messages("EventLogQueue")]


def test_a_webhook_becomes_an_event_with_the_providers_own_body(cloud: Cloud) -> None:
    assert published(cloud, b'{"id": "evt_stripe", "amount": 1.50}') == [
        {
            "specversion": "1.0",
            "id": "evt_0",
            "source": "/webhooks/stripe",
            "type": "stripe.charge.failed",
            "subject": "rcv_0",
            "time": "2026-01-15T09:30:00.000Z",
            "topic": "payment-events",
            "recordedtime": "2026-01-15T09:30:00.000Z",
            "correlationid": "order-7",
            "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "datacontenttype": "application/json",
            "data": {"id": "evt_stripe", "amount": 1.5},
        }
    ]


@pytest.mark.parametrize("body", [b"not JSON", b"\xff\0", b'{"a":1,"a":2}', b""])
def test_a_body_that_is_no_json_travels_as_bytes(cloud: Cloud, body: bytes) -> None:
    (event,) = published(cloud, body)

    assert base64.b64decode(event["data_base64"]) == body
    assert "data" not in event


def test_the_largest_webhook_can_be_published(cloud: Cloud) -> None:
    assert len(published(cloud, b"\xff" * 180_000, b'"' + b"x" * 179_998 + b'"')) == 2


def test_the_largest_webhook_whose_text_must_be_escaped_can_be_published(cloud: Cloud) -> None:
    """Bytes that JSON writes as escapes grow up to sixfold; the limit must hold afterwards."""
    assert len(published(cloud, '"{}"'.format("\x7f\u00e9" * 59_000).encode())) == 1


def change(old: Json, new: Json) -> Json:
    """Make the stream's record of a row's change."""
    event = stream([items.pack(new)], kind="MODIFY")
    event["Records"][0]["dynamodb"]["OldImage"] = stream([items.pack(old)])["Records"][0][
        "dynamodb"
    ]["NewImage"]
    return event


def test_a_replay_publishes_the_same_event_once_more_and_says_so(cloud: Cloud) -> None:
    row = received(b"{}") | WELCOMED

    cloud.invoke("PublishReceivedFunction", change(row, row | {"replay_id": "rpl_1"}))

    (message,) = cloud.messages("WelcomeQueue")
    event = json.loads(message["Body"])
    assert (event["id"], event["replayid"]) == ("evt_1", "rpl_1")
    assert cloud.messages("EventLogQueue") == []


def test_any_other_change_is_no_news(cloud: Cloud) -> None:
    row = received(b"{}") | WELCOMED | {"replay_id": "rpl_1"}

    cloud.invoke("PublishReceivedFunction", change(row, row | {"version": 2}))

    assert cloud.messages("WelcomeQueue") == []
    removed = cloud.carry(
        "PublishReceivedFunction", "ReceivedTable", [items.pack(row)], kind="REMOVE"
    )
    assert removed == {"Records": []}


def test_a_form_travels_as_bytes_under_its_own_media_type(cloud: Cloud) -> None:
    form = items.pack(received(b"a=1") | {"media": "application/x-www-form-urlencoded"})

    cloud.carry("PublishReceivedFunction", "ReceivedTable", [form])

    (event,) = [json.loads(each["Body"]) for each in cloud.messages("EventLogQueue")]
    assert event["datacontenttype"] == "application/x-www-form-urlencoded"
    assert base64.b64decode(event["data_base64"]) == b"a=1"


@pytest.mark.parametrize("body", [b'{"a":"' + b"x" * 4_000_000 + b'"}', b"\xff" * 300_001])
def test_a_large_body_comes_out_of_the_bucket_to_the_byte(cloud: Cloud, body: bytes) -> None:
    aws.s3().put_object(Bucket=cloud.name("PayloadsBucket"), Key="webhooks/rcv_9/x", Body=body)
    large = received(b"", "9") | {"body_key": "webhooks/rcv_9/x"}
    del large["body"]
    rows = [items.pack(each) for each in (received(b"{}"), large, received(b"{}", "2"))]

    cloud.carry("PublishReceivedFunction", "ReceivedTable", rows)

    events = {each["id"]: each for each in logged(cloud)}
    assert sorted(events) == ["evt_1", "evt_2", "evt_9"]
    if body.startswith(b"{"):
        assert events["evt_9"]["data"] == json.loads(body)
    else:
        assert base64.b64decode(events["evt_9"]["data_base64"]) == body


def logged(cloud: Cloud) -> list[Json]:
    """Read what waits for the log, by claim check or not."""
    found = [json.loads(each["Body"]) for each in cloud.messages("EventLogQueue")]
    return [opened(cloud, each["claim_check"]) if "claim_check" in each else each for each in found]


def opened(cloud: Cloud, key: str) -> Json:
    answer = aws.s3().get_object(Bucket=cloud.name("PayloadsBucket"), Key=key)
    event: Json = json.loads(answer["Body"].read())
    return event
