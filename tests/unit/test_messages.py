"""Sending: within the limits of SQS, in order, and all of it or a raise."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from interchange import aws, messages
from interchange.messages import Message, NotTaken

ENTRIES = 10  # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
BYTES = 262_144


class Service:
    """SQS as far as sending goes; refuses the entries whose text says so."""

    def __init__(self) -> None:
        self.calls: list[list[dict[str, Any]]] = []

    def send_message_batch(self, **call: Any) -> dict[str, Any]:
        assert call["QueueUrl"] == "queue"
        entries = call["Entries"]
        self.calls.append(entries)
        failed = [each["Id"] for each in entries if "refuse me" in each["MessageBody"]]
        return {
            "Successful": [{"Id": each["Id"]} for each in entries if each["Id"] not in failed],
            "Failed": [{"Id": each, "Code": "InternalError"} for each in failed],
        }


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Service:
    """SQS at its port."""
    service = Service()
    monkeypatch.setattr(aws, "sqs", lambda: service)
    return service


sizes = st.lists(st.integers(0, 3000) | st.integers(200_000, 249_000), max_size=40)


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
    assert all(sum(len(each["MessageBody"]) for each in call) <= BYTES for call in service.calls)
    assert all(len({each["Id"] for each in call}) == len(call) for call in service.calls)


def test_nothing_to_send_is_no_call(service: Service) -> None:
    messages.send("queue", [])

    assert service.calls == []


@pytest.mark.parametrize("refused", [0, 9, 10, 24])
def test_what_was_not_taken_is_not_passed_over(service: Service, refused: int) -> None:
    texts = ["refuse me" if index == refused else "fine" for index in range(25)]

    with pytest.raises(NotTaken, match="InternalError"):
        messages.send("queue", map(Message, texts))
