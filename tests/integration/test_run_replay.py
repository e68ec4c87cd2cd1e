"""Sending a replay step by step."""

import contextlib
import json
from datetime import timedelta
from typing import Any

import pytest

from interchange import aws, clock, store
from interchange.envelope import Json as Text
from publish_subscribe import replay_steps, run_replay
from tests import event_log as log
from tests.architecture import Json
from tests.aws_events import queue, request
from tests.faults import ProcessDied, death_after_call, hooked, refusing
from tests.moto_cloud import Cloud
from tests.replays import ID, replay, started

ENDED = {"completed", "failed", "cancelled"}


def step(cloud: Cloud, number: int | None = None, *, receive_count: int = 1) -> list[str]:
    """Deliver the message of a step, the due one if none is named; name what comes back."""
    found = replay(cloud)["step"] if number is None else number
    event = queue({"replay_id": ID, "step": found}, receive_count=receive_count)
    answer = cloud.invoke("RunReplayFunction", event)
    return [each["itemIdentifier"] for each in answer["batchItemFailures"]]


def make_due(cloud: Cloud) -> None:
    """Let the time pass until the step is due."""
    table, values = cloud.name("ReplaysTable"), {"past": clock.rfc3339(log.at(0))}
    store.update(
        table, {"id": ID}, "SET #due_at = :past", when="attribute_exists(#id)", values=values
    )


def run(cloud: Cloud) -> store.Item:
    """Do step after step to the end."""
    while replay(cloud)["status"] not in ENDED:
        make_due(cloud)
        assert step(cloud) == []
    return replay(cloud)


def welcomed(cloud: Cloud) -> list[Json]:
    """Give the events that reached the welcome, and take them from its queue."""
    return [json.loads(each["Body"]) for each in cloud.messages("WelcomeQueue")]


def register(cloud: Cloud, count: int) -> list[str]:
    """Log registrations, a second apart; give their texts."""
    return [
        log.logged(cloud, f"evt_{number}", number, type="user.registered")
        for number in range(count)
    ]


def test_a_replay_sends_every_event_of_its_window_once(cloud: Cloud) -> None:
    register(cloud, 7)
    log.logged(cloud, "evt_after", 100, type="user.registered")
    log.logged(cloud, "evt_elsewhere", 1, type="user.registered", topic="payment-events")
    started(cloud)

    ended = run(cloud)

    assert [each["id"] for each in welcomed(cloud)] == [f"evt_{number}" for number in range(7)]
    assert ended["status"] == "completed"
    assert (ended["scanned"], ended["sent"], ended["step"]) == (7, 7, 4)
    assert ended["position"] == ended["to"]
    assert ended["started_at"] <= ended["ended_at"]


def test_an_event_is_as_it_was_but_for_the_replays_mark(cloud: Cloud) -> None:
    data = Text('{"email":"a@b.co","n":1.10,"m":12345678901234567890.125}')
    text = log.logged(cloud, "evt_1", 1, type="user.registered", data=data, record_id="evt_9")
    started(cloud)

    run(cloud)

    (message,) = cloud.messages("WelcomeQueue")
    assert message["Body"] == f'{text.removesuffix("}")},"replayid":"{ID}"}}'
    assert message["MessageAttributes"]["replay"]["StringValue"] == ID


def test_a_replay_is_not_logged_again(cloud: Cloud) -> None:
    register(cloud, 1)
    started(cloud)

    run(cloud)

    assert cloud.waiting("EventLogQueue") == 0


def test_a_replay_for_one_subscriber_reaches_no_other(cloud: Cloud) -> None:
    register(cloud, 2)
    log.logged(cloud, "evt_gone", 3, type="user.deleted")
    started(cloud, subscriber="erase_user_events")

    assert run(cloud)["sent"] == 3

    assert cloud.waiting("EraseUserEventsQueue") == 1
    assert cloud.waiting("EraseUserTasksQueue") == cloud.waiting("WelcomeQueue") == 0


def test_a_replay_of_a_type_counts_what_it_looked_at(cloud: Cloud) -> None:
    register(cloud, 3)
    for number in range(5):
        log.logged(cloud, f"evt_other_{number}", 0.5, type="user.renamed")
    started(cloud, type="user.registered")

    ended = run(cloud)

    assert (ended["scanned"], ended["sent"]) == (8, 3)
    assert len(welcomed(cloud)) == 3


def payloads(cloud: Cloud) -> set[str]:
    found = aws.s3().list_objects_v2(Bucket=cloud.name("PayloadsBucket"))
    return {each["Key"] for each in found.get("Contents", [])}


def test_a_large_event_is_replayed_from_where_it_waits(cloud: Cloud) -> None:
    """A copy of it would outlive its erasure."""
    log.logged(cloud, "evt_1", 1, type="user.registered", data="x" * 300_000)
    started(cloud)
    before = payloads(cloud)

    assert run(cloud)["sent"] == 1

    (claim,) = welcomed(cloud)
    assert (claim["claim_check"], claim["replayid"]) == ("events/evt_1/digest", ID)
    assert payloads(cloud) == before


def test_a_step_has_a_bound(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_replay, "_STEP_CHARACTERS", 1)
    register(cloud, 3)
    started(cloud, events_per_second=500)

    ended = run(cloud)

    assert (ended["sent"], ended["step"]) == (3, 3)


def test_an_empty_window_completes(cloud: Cloud) -> None:
    started(cloud)

    assert run(cloud)["status"] == "completed"


def test_an_event_past_its_retention_is_not_replayed(cloud: Cloud) -> None:
    log.logged(cloud, "evt_1", 1, type="user.registered", retention=timedelta(hours=1))
    started(cloud)

    assert run(cloud)["sent"] == 0
    assert welcomed(cloud) == []


def test_an_erased_event_is_not_replayed(cloud: Cloud) -> None:
    register(cloud, 2)
    table = cloud.name("EventsTable")
    store.delete(table, {"id": "evt_0"}, when="attribute_exists(#id)")
    started(cloud)

    assert run(cloud)["sent"] == 1
    assert [each["id"] for each in welcomed(cloud)] == ["evt_1"]


def test_each_step_is_due_when_the_last_ones_events_have_had_their_time(cloud: Cloud) -> None:
    register(cloud, 5)
    started(cloud, events_per_second=2)

    before = clock.now()
    step(cloud)

    wait = clock.parse(replay(cloud)["due_at"]) - before
    assert timedelta(seconds=0.999) < wait < timedelta(seconds=60)
    assert replay(cloud)["sent"] == 2


def test_an_early_message_waits(cloud: Cloud) -> None:
    started(cloud)
    values = {"soon": clock.rfc3339(clock.now() + timedelta(seconds=30))}
    table = cloud.name("ReplaysTable")
    store.update(
        table, {"id": ID}, "SET #due_at = :soon", when="attribute_exists(#id)", values=values
    )

    assert step(cloud) == ["message-0"]
    assert replay(cloud)["step"] == 0


def test_a_message_that_comes_twice_does_nothing_more(cloud: Cloud) -> None:
    register(cloud, 3)
    started(cloud)

    assert step(cloud, 0) == step(cloud, 0) == []

    assert (replay(cloud)["sent"], replay(cloud)["step"]) == (2, 1)
    assert len(welcomed(cloud)) == 2


@pytest.mark.parametrize("call", range(1, 5))
def test_a_death_at_any_call_repeats_events_at_most_and_counts_each_once(
    cloud: Cloud, call: int
) -> None:
    register(cloud, 3)
    started(cloud)

    with death_after_call(call), contextlib.suppress(ProcessDied):
        step(cloud, 0)
    ended = run(cloud)

    assert (ended["status"], ended["scanned"], ended["sent"]) == ("completed", 3, 3)
    ids = [each["id"] for each in welcomed(cloud)]
    assert set(ids) == {"evt_0", "evt_1", "evt_2"}
    assert len(ids) <= 5


def test_two_workers_at_one_step_count_it_once(cloud: Cloud) -> None:
    """The second reads the row before the first has moved it, and writes after."""
    register(cloud, 3)
    started(cloud)
    raced: list[int] = []

    def overtake(**_: Any) -> None:
        if not raced:
            raced.append(1)
            step(cloud, 0)

    with hooked("before-call.dynamodb.UpdateItem", overtake):
        step(cloud, 0)
    ended = run(cloud)

    assert (ended["sent"], ended["scanned"], ended["step"]) == (3, 3, 2)
    assert len(welcomed(cloud)) == 5


def test_what_went_out_while_a_replay_was_cancelled_is_counted(cloud: Cloud) -> None:
    register(cloud, 3)
    started(cloud)
    done: list[int] = []

    def cancel(**_: Any) -> None:
        if not done:
            done.append(1)
            event = request("DELETE", "/events/replays/{id}", id=ID)
            assert cloud.invoke("CancelReplayFunction", event)["statusCode"] == 200

    with hooked("before-call.dynamodb.UpdateItem", cancel):
        assert step(cloud) == []

    ended = replay(cloud)
    assert (ended["status"], ended["sent"], len(welcomed(cloud))) == ("cancelled", 2, 2)
    assert step(cloud) == []
    assert replay(cloud) == ended
    assert welcomed(cloud) == []


def test_events_that_sns_does_not_take_come_back_and_are_not_counted(cloud: Cloud) -> None:
    register(cloud, 1)
    started(cloud)

    with refusing("sns", "PublishBatch", "Throttled"):
        assert step(cloud) == ["message-0"]

    assert replay(cloud)["sent"] == 0
    assert run(cloud)["sent"] == 1


def test_a_step_that_fails_time_and_again_ends_the_replay_and_says_so(cloud: Cloud) -> None:
    register(cloud, 1)
    started(cloud)
    last = replay_steps.ATTEMPTS

    with refusing("sns", "PublishBatch", "Throttled"):
        assert step(cloud, receive_count=last) == ["message-0"]
        assert step(cloud, receive_count=last + 1) == []

    ended = replay(cloud)
    assert (ended["status"], ended["sent"]) == ("failed", 0)
    assert ended["error"]["code"] == "step_failed"
    assert step(cloud) == []


def test_a_replay_that_nobody_knows_is_over(cloud: Cloud) -> None:
    event = queue({"replay_id": ID, "step": 0})

    assert cloud.invoke("RunReplayFunction", event) == {"batchItemFailures": []}
