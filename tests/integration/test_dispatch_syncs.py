"""Carrying a synchronisation's steps from its row to the queue."""

import json

from tests.answers import body_of
from tests.feed_source import Source, product
from tests.moto_cloud import Cloud
from tests.syncs import following


def test_a_new_run_has_its_first_step_sent_once(cloud: Cloud) -> None:
    with following(cloud, Source(product("cup"))) as syncs:
        job = body_of(syncs.start())
        syncs.advance()
        syncs.advance()

        (message,) = cloud.messages("SyncStepsQueue")
        body = json.loads(message["Body"])
        assert (body["job_id"], body["step"]) == (job["id"], 1)
        assert body["correlation_id"]


def test_progress_and_ends_send_nothing(cloud: Cloud) -> None:
    with following(cloud, Source(product("cup"))) as syncs:
        job_id = body_of(syncs.start())["id"]
        syncs.advance()
        assert cloud.waiting("SyncStepsQueue") == 1
        syncs.call("CancelSyncFunction", "DELETE", job_id)
        syncs.advance()

        assert cloud.waiting("SyncStepsQueue") == 1
