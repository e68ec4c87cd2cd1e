"""Streams: a batch is carried as a whole, or comes back as a whole."""

import pytest

from interchange import items
from interchange.streams import Change, from_stream
from tests import aws_events

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
