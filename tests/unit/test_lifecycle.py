"""A task's life: how long it waits, and what is left of its attempts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interchange.claims import Claim
from message_queue.lifecycle import backoff, last, spent

LONGEST = 3600


@given(st.integers(1, 25), st.floats(0, 60))
def test_a_wait_is_within_what_its_attempt_allows_and_an_hour(attempt: int, base: float) -> None:
    assert 0 <= backoff(attempt, base=base) <= min(LONGEST, base * 2 ** (attempt - 1))


def test_waits_use_the_whole_range_so_that_tasks_return_apart() -> None:
    waits = [backoff(4, base=1) for _ in range(200)]

    assert min(waits) < 2
    assert 6 < max(waits) <= 8


@pytest.mark.parametrize(
    ("attempts", "left"),
    [(1, (False, False)), (4, (False, False)), (5, (True, False)), (6, (True, True))],
)
def test_attempts_are_counted_the_one_under_way_included(
    attempts: int, left: tuple[bool, bool]
) -> None:
    row = {"attempts": attempts, "max_attempts": 5}
    claim = Claim("tasks", {"id": "tsk_1"}, row, "fence")

    assert (last(claim), spent(claim)) == left
