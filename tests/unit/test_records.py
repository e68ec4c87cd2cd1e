"""Queues: what is not done comes back, later each time, and nothing else does."""

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from interchange import aws, records
from interchange.records import Message, Retry, each_message
from tests import aws_events
from tests.architecture import ACCOUNT


class Sqs:
    """SQS as far as putting messages off goes; refuses when told to."""

    meta = SimpleNamespace(endpoint_url="https://sqs.test")

    def __init__(self) -> None:
        self.put_off: list[dict[str, Any]] = []
        self.refuses = False

    def change_message_visibility(self, **call: Any) -> None:
        if self.refuses:
            answer: Any = {"Error": {"Code": "ReceiptHandleIsInvalid"}}
            raise ClientError(answer, "ChangeMessageVisibility")
        self.put_off.append(call)


@pytest.fixture(autouse=True)
def sqs(monkeypatch: pytest.MonkeyPatch) -> Sqs:
    """SQS at its port, and the backoff's base."""
    service = Sqs()
    monkeypatch.setattr(aws, "sqs", lambda: service)
    monkeypatch.setattr(records, "settings", lambda: records.Settings(retry_base_seconds=5))
    return service


def worker(done: list[Message]) -> Callable[[Message], None]:
    """Make work that does what a message's body says."""

    def work(message: Message) -> None:
        match message.body:
            case {"do": "retry"}:
                raise Retry("not yet")
            case {"after": float(seconds)}:
                raise Retry("not yet", after=seconds)
            case {"do": "fail"}:
                raise ValueError("broken")
            case {"do": "die"}:
                raise KeyboardInterrupt
        done.append(message)

    return work


def returned(*bodies: object) -> list[str]:
    """Run a batch and name the messages that are to come back."""
    answer = each_message(worker([]))(aws_events.queue(*bodies), None)
    return [each["itemIdentifier"] for each in answer["batchItemFailures"]]


def test_what_is_done_does_not_come_back() -> None:
    done: list[Message] = []

    answer = each_message(worker(done))(aws_events.queue({"a": 1}, {"a": 2}, receive_count=3), None)

    assert answer == {"batchItemFailures": []}
    assert done == [
        Message({"a": 1}, '{"a": 1}', 3),
        Message({"a": 2}, '{"a": 2}', 3),
    ]


@pytest.mark.parametrize(
    "body", [{"do": "retry"}, {"do": "fail"}, "no JSON", "[1]", "null", '"text"', "7"]
)
def test_what_is_not_done_comes_back_and_takes_no_neighbour_along(body: object) -> None:
    assert returned({}, body, {}) == ["message-1"]


def test_everything_may_come_back() -> None:
    assert returned({"do": "fail"}, {"do": "retry"}) == ["message-0", "message-1"]


def test_a_process_that_ends_answers_nothing() -> None:
    with pytest.raises(KeyboardInterrupt):
        returned({"do": "die"})


def test_a_retry_is_expected_and_a_failure_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    returned({"do": "retry"}, {"do": "fail"})

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["level"], line["message"]) for line in lines] == [
        ("WARNING", "Message returned to its queue"),
        ("ERROR", "Message failed"),
    ]


def test_what_is_not_done_waits_and_what_is_done_does_not(sqs: Sqs) -> None:
    returned({}, {"do": "fail"}, {"do": "retry"})

    assert [each["ReceiptHandle"] for each in sqs.put_off] == ["receipt-1", "receipt-2"]
    assert {each["QueueUrl"] for each in sqs.put_off} == {f"https://sqs.test/{ACCOUNT}/queue"}


@given(st.integers(1, 1000))
def test_the_wait_is_jittered_within_twice_the_last_and_a_quarter_of_an_hour(attempt: int) -> None:
    service = Sqs()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aws, "sqs", lambda: service)
        patch.setattr(records, "settings", lambda: records.Settings(retry_base_seconds=5))
        each_message(worker([]))(aws_events.queue({"do": "fail"}, receive_count=attempt), None)

    (call,) = service.put_off
    assert 0 <= call["VisibilityTimeout"] <= min(900, 5 * 2 ** (attempt - 1))


@pytest.mark.parametrize(
    ("after", "asked"),
    [(0.0, 0), (41.2, 42), (42_000.0, 42_000), (50_400.0, 42_000), (1e12, 42_000)],
)
def test_a_retry_may_say_when_as_far_as_sqs_takes_it(sqs: Sqs, after: float, asked: int) -> None:
    returned({"after": after})

    assert [each["VisibilityTimeout"] for each in sqs.put_off] == [asked]


def test_a_message_that_cannot_be_put_off_hurts_no_one(sqs: Sqs) -> None:
    sqs.refuses = True

    assert returned({}, {"do": "fail"}, {"do": "retry"}, {}) == ["message-1", "message-2"]
