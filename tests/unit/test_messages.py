"""Sending: within the limits of SNS and SQS, in order, and all of it or a raise."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from interchange import aws, messages
from interchange.envelope import Event
from interchange.messages import Message, NotTaken
from tests import cloud_events

ENTRIES = 10  # https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html
BYTES = 262_144


class Service:
    """SNS and SQS as far as sending goes; refuses the entries whose text says so."""

    def __init__(self) -> None:
        self.calls: list[list[dict[str, Any]]] = []

    def publish_batch(self, **call: Any) -> dict[str, Any]:
        assert call["TopicArn"] == "topic"
        return self._take(call["PublishBatchRequestEntries"], "Message")

    def send_message_batch(self, **call: Any) -> dict[str, Any]:
        assert call["QueueUrl"] == "queue"
        return self._take(call["Entries"], "MessageBody")

    def _take(self, entries: list[dict[str, Any]], text: str) -> dict[str, Any]:
        self.calls.append(entries)
        failed = [each["Id"] for each in entries if "refuse me" in each[text]]
        return {
            "Successful": [{"Id": each["Id"]} for each in entries if each["Id"] not in failed],
            "Failed": [{"Id": each, "Code": "InternalError"} for each in failed],
        }


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Service:
    """Both services at their ports."""
    service = Service()
    monkeypatch.setattr(aws, "sns", lambda: service)
    monkeypatch.setattr(aws, "sqs", lambda: service)
    return service


def event(data: Any) -> Event:
    return cloud_events.event(data=data)


def weight(entry: dict[str, Any]) -> int:
    """Count an entry's bytes as SNS does: the text, and each attribute's name, type and value."""
    attributes = entry.get("MessageAttributes", {})
    texts = [entry.get("Message", entry.get("MessageBody")), *attributes]
    texts += [text for each in attributes.values() for text in each.values()]
    return sum(len(each.encode()) for each in texts)


sizes = st.lists(st.integers(0, 3000) | st.integers(200_000, 249_000), max_size=40)


@given(sizes)
@example([1] * 25)
@example([131_000] * 2)
def test_events_are_sent_in_order_within_the_limits_of_sns(sizes: list[int]) -> None:
    service = Service()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aws, "sns", lambda: service)
        messages.publish("topic", [event("x" * size) for size in sizes])

    sent = [json.loads(entry["Message"]) for call in service.calls for entry in call]
    assert [len(each["data"]) for each in sent] == sizes
    assert all(1 <= len(call) <= ENTRIES for call in service.calls)
    assert all(sum(map(weight, call)) <= BYTES for call in service.calls)
    assert all(len({each["Id"] for each in call}) == len(call) for call in service.calls)


@given(sizes)
@example([1] * 25)
@example([131_000] * 2)
def test_messages_are_sent_in_order_within_the_limits_of_sqs(sizes: list[int]) -> None:
    service = Service()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aws, "sqs", lambda: service)
        messages.send("queue", (Message("x" * size, delay_seconds=size % 900) for size in sizes))

    sent = [entry for call in service.calls for entry in call]
    assert [(len(each["MessageBody"]), each["DelaySeconds"]) for each in sent] == [
        (size, size % 900) for size in sizes
    ]
    assert all(1 <= len(call) <= ENTRIES for call in service.calls)
    assert all(sum(map(weight, call)) <= BYTES for call in service.calls)


def test_an_events_bytes_are_counted_not_its_characters(service: Service) -> None:
    messages.publish("topic", [event("é" * 70_000), event("é" * 70_000)])

    assert [len(call) for call in service.calls] == [1, 1]


def test_an_event_can_be_filtered_by_its_topic_and_its_type(service: Service) -> None:
    messages.publish("topic", [event(None)])

    assert service.calls[0][0]["MessageAttributes"] == {
        "topic": {"DataType": "String", "StringValue": "user-events"},
        "type": {"DataType": "String", "StringValue": "user.registered"},
    }


def test_nothing_to_send_is_no_call(service: Service) -> None:
    messages.publish("topic", [])
    messages.send("queue", [])

    assert service.calls == []


@pytest.mark.parametrize("refused", [0, 9, 10, 24])
def test_what_was_not_taken_is_not_passed_over(service: Service, refused: int) -> None:
    texts = ["refuse me" if index == refused else "fine" for index in range(25)]

    with pytest.raises(NotTaken, match="InternalError"):
        messages.publish("topic", map(event, texts))
    with pytest.raises(NotTaken, match="InternalError"):
        messages.send("queue", map(Message, texts))
