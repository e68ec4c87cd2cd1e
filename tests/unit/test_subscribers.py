"""The subscriber contract: done, dropped on purpose, or tried again; a claim check is not seen."""

import json

import pytest

from interchange import aws, payloads
from interchange.envelope import Event
from interchange.observability import flush
from interchange.subscribers import Dropped, each_event
from tests import aws_events, cloud_events

BIG = cloud_events.event(data="x" * 300_000)
CLAIM = {"claim_check": "events/evt_1/abc", "correlationid": "order-7"}


@pytest.fixture(autouse=True)
def stored(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """Payloads kept in a dict, and no SQS."""
    kept = dict.fromkeys(["events/evt_1/abc", "imports/job_1.csv"], BIG.to_json().encode())
    monkeypatch.setattr(payloads, "get", kept.__getitem__)
    monkeypatch.setattr(aws, "sqs", lambda: None)
    return kept


def consumed(*bodies: object) -> tuple[list[Event], list[str]]:
    """Consume messages: the events that arrive, and the messages that come back."""
    arrived: list[Event] = []

    def work(event: Event) -> None:
        match event.data:
            case {"do": "drop"}:
                raise Dropped("not for us")
            case {"do": "fail"}:
                raise ValueError("broken")
        arrived.append(event)

    answer = each_event(work)(aws_events.queue(*bodies), None)
    return arrived, [each["itemIdentifier"] for each in answer["batchItemFailures"]]


def test_an_event_that_is_done_does_not_come_back() -> None:
    arrived, back = consumed(cloud_events.message())

    assert [each.id for each in arrived] == ["evt_1"]
    assert back == []


def test_an_event_that_fails_comes_back() -> None:
    assert consumed(cloud_events.message(data={"do": "fail"})) == ([], ["message-0"])


def test_an_event_that_is_dropped_is_counted_and_does_not_come_back(
    capsys: pytest.CaptureFixture[str],
) -> None:
    flush()
    capsys.readouterr()

    assert consumed(cloud_events.message(data={"do": "drop"})) == ([], [])

    warning, counted = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (warning["level"], warning["reason"]) == ("WARNING", "not for us")
    assert counted["EventDropped"] == 1


def test_an_event_by_claim_check_arrives_as_if_it_had_come_in_its_message() -> None:
    ((event,), back) = consumed(CLAIM)

    assert event.data == BIG.data
    assert back == []


def test_a_replayed_event_by_claim_check_has_the_replays_mark() -> None:
    ((event,), _) = consumed(CLAIM | {"replayid": "rpl_1"})

    assert (event.data, event.replay) == (BIG.data, "rpl_1")


def test_an_event_whose_payload_is_gone_comes_back(stored: dict[str, bytes]) -> None:
    stored.clear()

    assert consumed(CLAIM) == ([], ["message-0"])


@pytest.mark.parametrize(
    "body", [{"claim_check": "imports/job_1.csv"}, {"claim_check": 7}, {"claim_check": None}, {}]
)
def test_a_claim_check_that_is_not_ours_is_no_event(body: object) -> None:
    assert consumed(body) == ([], ["message-0"])


def test_a_publishers_own_dataref_is_an_extension_like_any_other() -> None:
    ((event,), _) = consumed(cloud_events.message(extensions={"dataref": "events/evt_1/abc"}))

    assert event.extensions == {"dataref": "events/evt_1/abc"}
    assert event.data == {"name": "Zoë"}
