"""Sending a message for each step of a replay."""

import json
from datetime import timedelta
from typing import Any

import pytest

from interchange import clock, items, store
from tests.faults import hooked, refusing
from tests.moto_cloud import Cloud
from tests.replays import ID, replay, started


def dispatch(cloud: Cloud) -> list[Any]:
    """Carry the rows as they are; give what waits, with its delay."""
    sent: list[Any] = []

    def see(params: dict[str, Any], **_: Any) -> None:
        sent.extend(params["Entries"])

    with hooked("provide-client-params.sqs.SendMessageBatch", see):
        cloud.carry("DispatchReplaysFunction", "ReplaysTable")
    return sent


def change(cloud: Cloud, **values: Any) -> None:
    changed = ", ".join(f"#{name} = :{name}" for name in values)
    table = cloud.name("ReplaysTable")
    when = "attribute_exists(#id)"
    store.update(table, {"id": ID}, f"SET {changed}", when=when, values=values)


def test_a_message_names_the_step_and_carries_the_trace(cloud: Cloud) -> None:
    started(cloud)

    (entry,) = dispatch(cloud)

    row = replay(cloud)
    body = json.loads(entry["MessageBody"])
    assert (body["replay_id"], body["step"]) == (ID, 0)
    assert body["correlation_id"] == row["correlation_id"]
    assert entry["DelaySeconds"] == 0


def test_a_step_that_is_due_later_is_kept_back_until_then(cloud: Cloud) -> None:
    started(cloud)
    change(cloud, due_at=clock.rfc3339(clock.now() + timedelta(seconds=20)), status="running")

    (entry,) = dispatch(cloud)

    assert 18 <= entry["DelaySeconds"] <= 20


@pytest.mark.parametrize("status", ["completed", "failed", "cancelled"])
def test_a_replay_that_has_ended_sends_nothing(cloud: Cloud, status: str) -> None:
    started(cloud)
    change(cloud, status=status)

    assert dispatch(cloud) == []


def test_a_step_that_cannot_be_sent_comes_back(cloud: Cloud) -> None:
    started(cloud)

    with refusing("sqs", "SendMessageBatch", "Throttled"), pytest.raises(Exception, match="Thrott"):
        dispatch(cloud)

    assert cloud.waiting("ReplaysQueue") == 0
    assert items.unpack(cloud.rows("ReplaysTable")[0])["status"] == "queued"
