"""The catalogue follows a feed, over HTTP; one that fails, lies and shrinks; a worker is killed."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from local.api import Api, until
from local.props import ended
from local.stack import Stack
from tests.e2e.faults import configure, kill, physical_name
from tests.feed_source import SHOWN, Source, at, product
from tests.receiver import Behaviour, Handler, Receiver, answering, saying

ROUTE = "/api/products/syncs"
FUNCTIONS = ("StartSyncFunction", "StartDueSyncFunction", "StepSyncFunction")
ENDED = {"completed", "completed_with_errors", "failed", "cancelled"}
WITHIN = 180  # seconds; the death of a worker takes 30 to be noticed


class Feed:
    """The feed that the deployed catalogue follows, for a test's time."""

    def __init__(self, stack: Stack, api: Api, server: Receiver) -> None:
        self.stack, self.api, self.server = stack, api, server

    def follow(self, source: Source, mode: str) -> None:
        """Configure the stack for a source, as a deployment would."""
        self.serve(source.whole() if mode == "full" else source.pages())
        configure_all(
            self.stack,
            FEED_URL=self.server.url("/feed"),
            FEED_OBJECT="",
            FEED_FORMAT=source.format,
            FEED_MODE=mode,
        )

    def serve(self, behaviour: Behaviour) -> None:
        """Have the server do this."""
        self.server.behaviours["/feed"] = behaviour

    def start(self, **asked: bool) -> str:
        """Start a run, and give its id."""
        answer = self.api.post(ROUTE, asked, expect=202)
        found: str = answer.body["id"]
        assert answer.headers["location"] == f"syncs/{found}"
        return found

    def run(self, **asked: bool) -> dict[str, Any]:
        """Synchronise to the end."""
        return self.finish(self.start(**asked))

    def finish(self, job_id: str) -> dict[str, Any]:
        """Follow a run to its end."""
        path = f"{ROUTE}/{job_id}"
        return until("the run's end", lambda: ended(self.api, path, ENDED), within=WITHIN)

    def products(self, run: str) -> dict[str, Any]:
        """Give what the catalogue says of this test's products."""
        found = self.api.get(f"/api/products?category={run}&page_size=1000").body["items"]
        return {each["id"]: {name: each[name] for name in SHOWN} for each in found}


def configure_all(stack: Stack, **variables: str) -> None:
    for function in FUNCTIONS:
        configure(stack, function, **variables)


@pytest.fixture
def feed(stack: Stack, api: Api) -> Iterator[Feed]:
    """A feed whose products leave the catalogue with the test."""
    with Receiver() as server:
        found = Feed(stack, api, server)
        yield found
        found.follow(Source(), "full")
        assert found.run(allow_shrink=True, from_start=True)["status"] == "completed"
        configure_all(stack, FEED_URL="")


def shop(run: str, count: int, **given: Any) -> Source:
    found = [product(f"{run}-{n}", seconds=n, category=run) for n in range(count)]
    return Source(*found, **given)


def test_the_catalogue_follows_a_feed_that_is_read_whole(feed: Feed, run: str) -> None:
    source = shop(run, 6, format="csv")
    feed.follow(source, "full")

    job = feed.run()

    assert (job["status"], job["counts"]["created"]) == ("completed", 6)
    assert feed.products(run) == source.alive()
    assert feed.run()["not_modified"]

    source.put(f"{run}-1", seconds=50, category=run, price=7)
    source.delete(f"{run}-5", seconds=51)
    job = feed.run()
    assert [job["counts"][name] for name in ("updated", "deleted", "unchanged")] == [1, 1, 4]
    assert feed.products(run) == source.alive()
    assert feed.api.get(f"/api/products/{run}-5").status == 404


BODY = b"id,name,description,category,price,currency,updated_at\n"
HEADER = b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nContent-Length: %d\r\n\r\n"
FAULTS = {
    "feed_status": answering(500),
    "feed_truncated": saying(HEADER % 1000 + BODY),
    "header_mismatch": answering(200, {"Content-Type": "text/csv"}, b"id\ncup\n"),
    "feed_media_type": answering(200, {"Content-Type": "text/html"}, BODY),
    "feed_shrank": answering(200, {"Content-Type": "text/csv"}, BODY),
}


def test_a_feed_that_fails_truncates_lies_or_shrinks_deletes_nothing(feed: Feed, run: str) -> None:
    source = shop(run, 3, format="csv")
    feed.follow(source, "full")
    feed.run()

    for code, behaviour in FAULTS.items():
        feed.serve(behaviour)
        job = feed.run()
        assert (job["status"], job["error"]["code"]) == ("failed", code)
        assert job["counts"]["total"] == 0
    cut = source.body()[:-7]  # in the middle of the last row, which its length does not say
    feed.serve(answering(200, {"Content-Type": "text/csv"}, cut))
    assert feed.run()["error"]["code"] == "feed_truncated"
    assert feed.products(run) == source.alive()

    feed.serve(FAULTS["feed_shrank"])
    job = feed.run(allow_shrink=True)
    assert (job["status"], job["counts"]["deleted"]) == ("completed", 3)
    assert feed.products(run) == {}


def test_the_catalogue_follows_a_feed_by_pages_that_changes_while_it_is_read(
    feed: Feed, run: str
) -> None:
    source = shop(run, 7, page=3)
    feed.follow(source, "incremental")

    def change() -> None:
        source.between = lambda: None
        source.put(f"{run}-0", seconds=100, category=run, price=7)
        source.put(f"{run}-4", seconds=100, category=run, price=8)
        source.put(f"{run}-6", seconds=6, category=run, price=9)  # at the time that it had
        source.delete(f"{run}-1", seconds=101)

    source.between = change
    feed.run()
    job = feed.run()

    assert job["status"] == "completed"
    assert feed.products(run) == source.alive()
    assert [each for each in source.asked if each.get("updated_since", at(0)) < "2026-01-15T09:30"]


def test_two_ticks_at_once_start_one_run(feed: Feed, run: str) -> None:
    source = shop(run, 2)
    feed.follow(source, "full")
    before = len(feed.api.get(ROUTE).body["items"])
    name = physical_name(feed.stack, "StartDueSyncFunction")
    client = feed.stack.client("lambda")

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: client.invoke(FunctionName=name), range(4)))

    assert not any("FunctionError" in each for each in answers)
    newest = feed.api.get(ROUTE).body["items"][0]
    assert newest["trigger"] == "schedule"
    assert feed.finish(newest["id"])["status"] == "completed"
    assert feed.products(run) == source.alive()
    # One after another, ticks start as many runs as have come to an end between them.
    runs = feed.api.get(ROUTE).body["items"][: -before or None]
    assert [each["counts"]["created"] for each in runs][-1] == 2
    assert sum(each["counts"]["created"] for each in runs) == 2


def test_a_run_whose_worker_is_killed_goes_on_and_another_waits_for_it(
    feed: Feed, run: str
) -> None:
    source = shop(run, 3)
    feed.follow(source, "full")
    asked, whole = threading.Event(), source.whole()

    def hang(handler: Handler) -> None:
        feed.serve(whole)
        asked.set()
        handler.receiver.closing.wait(60)

    feed.serve(hang)
    job_id = feed.start()
    assert asked.wait(WITHIN)
    refused = feed.api.call("POST", ROUTE, b"{}", {"content-type": "application/json"})
    assert (refused.status, refused.body["code"]) == (409, "sync_running")

    kill(feed.stack, "StepSyncFunction")

    job = feed.finish(job_id)
    assert (job["status"], job["counts"]["created"]) == ("completed", 3)
    assert feed.products(run) == source.alive()


def test_a_run_that_is_cancelled_writes_nothing_more(feed: Feed, run: str) -> None:
    feed.follow(shop(run, 3), "full")
    asked, cancelled = threading.Event(), threading.Event()
    whole = shop(run, 3).whole()

    def hold(handler: Handler) -> None:
        asked.set()
        cancelled.wait(60)
        whole(handler)

    feed.serve(hold)
    job_id = feed.start()
    assert asked.wait(WITHIN)

    answer = feed.api.call("DELETE", f"{ROUTE}/{job_id}")
    cancelled.set()

    assert (answer.status, answer.body["status"]) == (200, "cancelled")
    assert feed.products(run) == {}


def test_an_object_in_s3_is_a_feed_too(feed: Feed, run: str) -> None:
    source, bucket = shop(run, 6, format="ndjson"), feed.stack.outputs["ImportsBucketName"]
    key = f"feeds/{run}/products"
    object = f"{bucket}/{key}"
    configure_all(
        feed.stack, FEED_URL="", FEED_OBJECT=object, FEED_FORMAT="ndjson", FEED_MODE="full"
    )
    s3 = feed.stack.client("s3")

    s3.put_object(Bucket=bucket, Key=key, Body=source.body())
    assert feed.run()["counts"]["created"] == 6
    assert feed.run()["not_modified"]
    source.delete(f"{run}-0", seconds=9)
    s3.put_object(Bucket=bucket, Key=key, Body=source.body())
    assert feed.run()["counts"]["deleted"] == 1
    assert feed.products(run) == source.alive()
