"""From received webhooks to the subscribers' queues."""

import base64
import json

import pytest

from interchange import items
from tests.architecture import Json
from tests.moto_cloud import Cloud


def received(body: bytes, id: str = "1") -> Json:
    return {
        "id": f"rcv_{id}",
        "event_id": f"evt_{id}",
        "source": "stripe",
        "topic": "payment-events",
        "type": "stripe.charge.failed",
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


def test_a_webhook_that_is_received_again_or_expires_is_no_news(cloud: Cloud) -> None:
    row = items.pack(received(b"{}"))

    for kind in ("MODIFY", "REMOVE"):
        carried = cloud.carry("PublishReceivedFunction", "ReceivedTable", [row], kind=kind)
        assert carried == {"Records": []}
