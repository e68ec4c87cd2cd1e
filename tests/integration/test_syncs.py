"""Whole synchronisations: whatever dies, whatever changes while it is read, nothing is missed."""

import os
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batch_processing.syncing import catalogue, snapshots
from tests.architecture import Json
from tests.faults import OURS, ProcessDied, hooked
from tests.feed_source import Source, product
from tests.moto_cloud import Cloud
from tests.syncs import Syncs, following

EXAMPLES = int(os.environ.get("SYNC_EXAMPLES", "12"))
IDS = ("a", "b", "c", "d", "e")


def changed_shop(mode: str) -> tuple[Source, Callable[[], None]]:
    """Give a source, and what happens to it between two runs."""
    source = Source(*(product(id, seconds=n) for n, id in enumerate(IDS)), format="ndjson", page=3)

    def change() -> None:
        source.put("a", seconds=500, price=7)
        source.put("new", seconds=501)
        source.delete("b", seconds=502)
        source.rows["c"] |= {"price": -1, "updated_at": source.rows["a"]["updated_at"]}

    return source, change


@pytest.mark.parametrize("mode", ["full", "incremental"])
def test_a_run_that_dies_after_any_call_ends_like_one_that_does_not(
    cloud: Cloud, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "BATCH", 2)
    expected, calls = killed(cloud, mode, die_at=0)
    assert expected[0] == "completed_with_errors"
    assert calls >= (15 if mode == "full" else 8)
    for number in range(1, calls + 1):
        assert killed(cloud, mode, die_at=number)[0] == expected, number


def killed(cloud: Cloud, mode: str, *, die_at: int) -> tuple[list[Any], int]:
    """Synchronise with a death after one call; give the end, and how many calls there were."""
    cloud.clear()
    source, change = changed_shop(mode)
    calls = 0

    def die(model: Any, **_: Any) -> None:
        nonlocal calls
        calls += model.name not in OURS
        if calls == die_at and model.name not in OURS:
            raise ProcessDied(model.name)

    with following(cloud, source, mode) as syncs:
        syncs.run(from_start=True)
        change()
        syncs.tick()
        syncs.advance()
        job_id = syncs.jobs()[0]["id"]
        with hooked("after-call", die):
            carry(syncs)
        job = syncs.job(job_id)
        stored = {id: row["version"] for id, row in syncs.rows().items()}
        end = [job["status"], job["counts"], job["errors"], syncs.products(), stored]
    return end, calls


def carry(syncs: Syncs) -> None:
    """Carry until nothing moves; what dies, SQS and the stream bring again."""
    waiting: list[Json] = []
    while True:
        waiting += syncs.cloud.messages("SyncStepsQueue")
        if not waiting:
            before = dict(syncs.seen)
            try:
                moved = syncs.advance()
            except ProcessDied:
                syncs.seen, moved = before, True
            if not moved:
                return
            continue
        try:
            if syncs.step(waiting[0]["Body"]):
                waiting.pop(0)
        except ProcessDied:
            continue


# What happens at the source: an id, how far the clock moves (back: committed late), what is done.
CHANGE = st.tuples(
    st.sampled_from(IDS), st.sampled_from([-90, -1, 0, 0, 1, 60]), st.sampled_from(["put", "del"])
)
# Between two runs, and between two pages of a run.
RUN = st.tuples(st.lists(CHANGE, max_size=4), st.lists(st.lists(CHANGE, max_size=3), max_size=4))


class World:
    """The source's clock and prices, which tell every change from every other."""

    def __init__(self, source: Source) -> None:
        self.source, self.now, self.price = source, 1000.0, 0
        self.last: dict[str, float] = {}

    def change(self, changes: list[tuple[str, int, str]]) -> None:
        for id, moved, what in changes:
            self.price += 1
            # Late is late for others; of one product the later change has no earlier time.
            before = self.last.get(id, 0.0)
            seconds = max(self.now + moved, before)
            self.now, self.last[id] = max(self.now, seconds), seconds
            if what == "put":
                self.source.put(id, seconds=seconds, price=self.price)
            else:
                self.source.delete(id, seconds=seconds)


@pytest.mark.parametrize("mode", ["full", "incremental"])
def test_of_a_feed_that_changes_while_it_is_read_no_row_is_missed_and_none_is_stale(
    cloud: Cloud, mode: str
) -> None:
    @settings(max_examples=EXAMPLES, deadline=None)
    @given(runs=st.lists(RUN, min_size=1, max_size=3), page=st.integers(1, 3))
    def holds(runs: list[Any], page: int) -> None:
        cloud.clear()
        follow(cloud, Source(page=page), mode, runs)

    holds()


def follow(cloud: Cloud, source: Source, mode: str, runs: list[Any]) -> None:
    """Synchronise while the source changes, and once more when it is quiet."""
    world = World(source)
    with following(cloud, source, mode) as syncs:
        for before, pages in runs:
            world.change(before)
            source.between = partial(next, map(world.change, pages), None)
            job = syncs.run(allow_shrink=True)
            assert job["status"] == "completed", job
        source.between = lambda: None
        syncs.run(allow_shrink=True)

        assert syncs.products() == source.alive()


def test_a_snapshot_is_one_moment_of_the_feed(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "_CHUNK", 300)
    source = Source(*(product(id) for id in IDS), format="csv")
    with following(cloud, source) as syncs:
        syncs.tick()
        syncs.advance()
        syncs.steps()
        as_read = source.alive()
        source.rows = {}

        job = syncs.finish(syncs.jobs()[0]["id"])

        assert (job["status"], syncs.products()) == ("completed", as_read)
