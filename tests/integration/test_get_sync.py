"""Reading a synchronisation."""

from batch_processing.syncing import shown
from tests.answers import refusal
from tests.feed_source import Source, product
from tests.moto_cloud import Cloud
from tests.syncs import Syncs, following


def test_a_run_shows_what_it_did(cloud: Cloud) -> None:
    with following(cloud, Source(product("cup"), product("pot", price=-1))) as syncs:
        job = syncs.run()

        assert (job["status"], job["mode"]) == ("completed_with_errors", "full")
        assert (job["progress"]["rows"], job["progress"]["rows_done"]) == (2, 2)
        assert job["progress"]["seconds_left"] is None
        (error,) = job["errors"]
        assert (error["row"], error["id"], error["column"]) == (2, "pot", "price")
        assert "ended_at" in job


def test_the_first_hundred_errors_are_shown(cloud: Cloud) -> None:
    rows = [product(f"p{number:03}", price=-1) for number in range(300)]
    with following(cloud, Source(*rows, format="ndjson")) as syncs:
        job = syncs.run()

        assert job["counts"]["failed"] == 300
        assert [each["row"] for each in job["errors"]] == list(range(1, shown.SHOWN_ERRORS + 1))


def test_an_unknown_run_is_not_found(cloud: Cloud) -> None:
    for job_id in ("job_0192f0c1a2b37c4d8e5f60718293a4b5", "feed", "a b"):
        answer = Syncs(cloud).call("GetSyncFunction", "GET", job_id)
        assert refusal(answer)[0] == 404


def test_the_feeds_own_row_is_no_run(cloud: Cloud) -> None:
    with following(cloud, Source(product("cup"))) as syncs:
        syncs.run()
        assert refusal(syncs.call("GetSyncFunction", "GET", "feed")) == (404, "sync_not_found")
