"""The cheapest cells of the fault suite: `make faults` runs all of them."""

import pytest

from faults import matrix
from faults.pattern import Scene
from faults.patterns import PATTERNS
from faults.way import opened
from local.api import Api
from local.stack import Stack
from tests.receiver import Receiver


@pytest.mark.parametrize(("name", "fault"), [("http-stock", "kill"), ("http-users", "delay")])
def test_a_pattern_loses_nothing_under_a_fault(
    stack: Stack, api: Api, name: str, fault: str
) -> None:
    with Receiver() as receiver:
        scene = Scene(stack, api, receiver)
        pattern = PATTERNS[name](scene)
        with opened(scene, [pattern]) as way:
            account = matrix.run(way, matrix.prepared(pattern, fault, 6))

    assert account.failures() == []
    assert (account.accepted, account.lost) == (6, 0)
