"""Starting a synchronisation by hand."""

import pytest

from interchange import aws
from tests.answers import body_of, pointers, refusal
from tests.aws_events import request
from tests.faults import ProcessDied, calls_counted, death_after_call
from tests.feed_source import Source, product
from tests.moto_cloud import Cloud
from tests.syncs import ROUTE, Syncs, following


def test_a_run_is_taken_on_and_can_be_followed(cloud: Cloud) -> None:
    with following(cloud, Source(product("cup"))) as syncs:
        answer = syncs.start()

        job = body_of(answer)
        assert (answer["statusCode"], job["status"], job["trigger"]) == (202, "planning", "request")
        assert answer["headers"]["Location"] == f"syncs/{job['id']}"
        assert (job["allow_shrink"], job["from_start"]) == (False, False)
        assert syncs.finish(job["id"])["status"] == "completed"


def test_there_is_one_run_at_a_time(cloud: Cloud) -> None:
    with following(cloud, Source(product("cup"))) as syncs:
        first = body_of(syncs.start())

        answer = syncs.start()

        assert refusal(answer) == (409, "sync_running")
        assert first["id"] in body_of(answer)["detail"]
        syncs.finish(first["id"])
        assert syncs.start()["statusCode"] == 202


def test_the_same_request_again_is_the_same_run(cloud: Cloud) -> None:
    with following(cloud, Source(product("cup"))) as syncs:
        first, again = syncs.start(key="k1"), syncs.start(key="k1")

        assert body_of(again) == body_of(first)
        assert again["headers"]["Idempotent-Replayed"] == "true"


def test_a_request_that_died_is_taken_up_by_its_retry(cloud: Cloud) -> None:
    with following(cloud, Source(product("cup"))) as syncs:
        with calls_counted() as calls:
            assert syncs.start(key="k")["statusCode"] == 202
        for number in range(1, len(calls) + 1):
            cloud.clear()
            with death_after_call(number), pytest.raises(ProcessDied):
                syncs.start(key="k")
            expire(cloud)
            answer = syncs.start(key="k")

            assert answer["statusCode"] == 202
            assert [each["id"] for each in syncs.jobs()] == [body_of(answer)["id"]]


def expire(cloud: Cloud) -> None:
    """Let the lease of the request that died be over."""
    for row in cloud.rows("IdempotencyTable"):
        if "lease_ends_at" in row:
            row["lease_ends_at"] = {"S": "2020-01-01T00:00:00.000Z"}
            aws.dynamodb().put_item(TableName=cloud.name("IdempotencyTable"), Item=row)


def test_without_a_feed_there_is_nothing_to_start(cloud: Cloud) -> None:
    assert refusal(Syncs(cloud).start()) == (409, "no_feed")


def test_an_option_that_does_not_exist_is_refused(cloud: Cloud) -> None:
    event = request("POST", ROUTE, body={"allow_shrinking": True})
    assert pointers(cloud.invoke("StartSyncFunction", event)) == ["/allow_shrinking"]
