"""Cancelling a synchronisation."""

import pytest

from tests.answers import body_of, refusal
from tests.faults import ProcessDied, calls_counted, death_after_call
from tests.feed_source import Source, product
from tests.moto_cloud import Cloud
from tests.syncs import Syncs, following


def cancel(syncs: Syncs, job_id: str) -> tuple[int, str]:
    answer = syncs.call("CancelSyncFunction", "DELETE", job_id)
    return answer["statusCode"], body_of(answer).get("status")


def test_a_run_is_cancelled_at_once_and_the_next_may_begin(cloud: Cloud) -> None:
    with following(cloud, Source(product("cup"))) as syncs:
        job_id = body_of(syncs.start())["id"]

        assert cancel(syncs, job_id) == (200, "cancelled")
        assert cancel(syncs, job_id) == (200, "cancelled")
        assert syncs.finish(job_id)["status"] == "cancelled"
        assert syncs.rows() == {}
        assert syncs.run()["status"] == "completed"


def test_a_run_that_has_ended_cannot_be_cancelled(cloud: Cloud) -> None:
    with following(cloud, Source(product("cup"))) as syncs:
        job = syncs.run()
        answer = syncs.call("CancelSyncFunction", "DELETE", job["id"])
        assert refusal(answer) == (409, "sync_ended")


def test_an_unknown_run_is_not_found(cloud: Cloud) -> None:
    job_id = "job_0192f0c1a2b37c4d8e5f60718293a4b5"
    answer = Syncs(cloud).call("CancelSyncFunction", "DELETE", job_id)
    assert refusal(answer) == (404, "sync_not_found")


def test_a_cancellation_that_died_leaves_no_run_that_blocks_the_next(cloud: Cloud) -> None:
    with following(cloud, Source(product("cup"))) as syncs:
        first = body_of(syncs.start())["id"]
        with calls_counted() as calls:
            cancel(syncs, first)
        for number in range(1, len(calls) + 1):
            cloud.clear()
            job_id = body_of(syncs.start())["id"]
            with death_after_call(number), pytest.raises(ProcessDied):
                cancel(syncs, job_id)
            assert cancel(syncs, job_id) == (200, "cancelled")
            assert syncs.start()["statusCode"] == 202
