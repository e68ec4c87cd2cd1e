"""Queues and streams: what is not done comes back, and nothing else does."""

import json
from collections.abc import Callable

import pytest

from interchange import items
from interchange.records import Change, Message, Retry, each_message, from_stream
from tests import aws_events


def worker(done: list[Message]) -> Callable[[Message], None]:
    """Make work that does what a message's body says."""

    def work(message: Message) -> None:
        match message.body:
            case {"do": "retry"}:
                raise Retry("not yet")
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


ROWS = [{"id": f"tsk_{number}", "body": b"\xff", "correlation_id": "c"} for number in range(3)]


def test_a_streams_changes_arrive_together_as_rows() -> None:
    arrived: list[Change] = []

    from_stream(arrived.extend)(aws_events.stream(map(items.pack, ROWS)), None)

    assert [change.new for change in arrived] == ROWS
    assert [change.key for change in arrived] == [{"id": row["id"]} for row in ROWS]
    assert arrived[0].trace == ("c", "")


def test_a_deleted_row_arrives_empty() -> None:
    arrived: list[Change] = []
    batch = aws_events.stream([items.pack({"id": "1"})], kind="REMOVE")
    del batch["Records"][0]["dynamodb"]["NewImage"]

    from_stream(arrived.extend)(batch, None)

    assert [(change.key, change.new) for change in arrived] == [({"id": "1"}, {})]


def test_a_stream_that_is_not_carried_raises_so_that_it_comes_back() -> None:
    def work(_: list[Change]) -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        from_stream(work)(aws_events.stream(map(items.pack, ROWS)), None)
