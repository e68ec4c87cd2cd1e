"""Starting a synchronisation by the schedule."""

import pytest

from interchange import aws
from tests.faults import ProcessDied, calls_counted, death_after_call, hooked
from tests.feed_source import Source, product
from tests.moto_cloud import Cloud
from tests.syncs import Syncs, following


def test_a_tick_starts_a_run(cloud: Cloud) -> None:
    source = Source(product("cup"))
    with following(cloud, source) as syncs:
        syncs.tick()

        (job,) = syncs.jobs()
        assert job["trigger"] == "schedule"
        syncs.finish(job["id"])
        assert syncs.products() == source.alive()


def test_without_a_feed_a_tick_does_nothing(cloud: Cloud) -> None:
    Syncs(cloud).tick()

    assert cloud.rows("SyncsTable") == []


def test_a_tick_while_a_run_is_under_way_starts_none(cloud: Cloud) -> None:
    with following(cloud, Source(product("cup"))) as syncs:
        syncs.tick()
        syncs.tick()

        assert len(syncs.jobs()) == 1


@pytest.mark.parametrize("earlier", [0, 1])
def test_of_two_ticks_at_once_one_starts_a_run(cloud: Cloud, earlier: int) -> None:
    with following(cloud, Source(product("cup"))) as syncs:
        for _ in range(earlier):
            syncs.run()
        others: list[None] = []

        def overtake(**_: object) -> None:
            if not others:
                others.append(None)
                syncs.tick()

        with hooked("before-call.dynamodb.TransactWriteItems", overtake):
            syncs.tick()

        assert len(syncs.jobs()) == 1 + earlier
        assert syncs.finish(syncs.jobs()[0]["id"])["status"] == "completed"


def test_a_tick_that_died_anywhere_leaves_a_run_or_none(cloud: Cloud) -> None:
    with following(cloud, Source(product("cup"))) as syncs:
        with calls_counted() as calls:
            syncs.tick()
        for number in range(1, len(calls) + 1):
            cloud.clear()
            with death_after_call(number), pytest.raises(ProcessDied):
                syncs.tick()
            syncs.tick()  # Lambda's second try

            (job,) = syncs.jobs()
            assert syncs.finish(job["id"])["status"] == "completed"


def test_a_tick_sends_a_run_on_that_has_shown_no_sign_of_life_for_an_hour(cloud: Cloud) -> None:
    source = Source(product("cup"))
    with following(cloud, source) as syncs:
        syncs.tick()
        syncs.advance()
        assert cloud.messages("SyncStepsQueue")  # and they are lost
        job_id = syncs.jobs()[0]["id"]
        syncs.tick()
        assert not syncs.advance()

        long_ago = {":then": {"S": "2026-01-15T09:30:00.000Z"}}
        aws.dynamodb().update_item(
            TableName=cloud.name("SyncsTable"),
            Key={"job_id": {"S": job_id}, "part": {"S": "job"}},
            UpdateExpression="SET moved_at = :then",
            ExpressionAttributeValues=long_ago,
        )
        syncs.advance()
        syncs.tick()

        assert syncs.finish(job_id)["status"] == "completed"
        assert len(syncs.jobs()) == 1
        assert syncs.products() == source.alive()
