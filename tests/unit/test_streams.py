"""Streams: a batch is carried as a whole, or comes back as a whole."""

import json
import time

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


def test_what_a_change_became_is_in_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    def work(changes: list[Change]) -> None:
        for each in changes:
            each.told["event_id"] = f"evt_{each.key['id']}"

    from_stream(work)(aws_events.stream(map(items.pack, ROWS)), None)

    lines = [json.loads(each) for each in capsys.readouterr().out.splitlines()]
    told = [(each["message"], each["id"], each["event_id"]) for each in lines]
    assert told == [("Change carried", f"tsk_{n}", f"evt_tsk_{n}") for n in range(3)]


@pytest.mark.parametrize(("age", "lags"), [(0, []), (600, [600])])
def test_a_stream_that_lags_says_so_even_if_its_work_fails(
    age: float, lags: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    def work(_: list[Change]) -> None:
        raise ValueError("broken")

    batch = aws_events.stream(map(items.pack, ROWS))
    batch["Records"][0]["dynamodb"]["ApproximateCreationDateTime"] = time.time() - age

    with pytest.raises(ValueError, match="broken"):
        from_stream(work)(batch, None)

    lines = [json.loads(each) for each in capsys.readouterr().out.splitlines()]
    assert [each["StreamLag"] for each in lines] == pytest.approx(lags, abs=30)
