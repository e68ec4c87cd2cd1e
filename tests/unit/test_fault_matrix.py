"""The fault suite from sending to verdict, with a pattern that lives in memory."""

from collections import Counter
from collections.abc import Callable, Collection
from email.message import Message
from functools import partial
from types import SimpleNamespace
from typing import Any, cast

import pytest

from faults import __main__ as command
from faults import matrix
from faults.account import Account, Seen
from faults.between import Between
from faults.machine import Machine
from faults.pattern import Hop, Request, Role
from faults.way import Way, services_of
from local.api import Answer


class Memory:
    """Does what it accepts at once, but for what it loses or does twice."""

    name = "memory"
    hops = (Hop("StoreFunction", Role.WORKER),)

    def __init__(
        self, door: Between, *, once: bool = True, lose: str = "", repeat: str = ""
    ) -> None:
        self.once = once
        self._door, self._lose, self._repeat = door, lose, repeat
        self._done: Counter[str] = Counter()

    def requests(self, run: str, count: int) -> list[Request]:
        assert run
        names = [str(number) for number in range(count)]
        return [Request(partial(self._take, each), lambda answer: [answer.body]) for each in names]

    def _take(self, name: str) -> Answer:
        self._door.delay("DynamoDB_20120810.PutItem", b"")  # a call that the fault may strike
        self._done[name] = 0 if name == self._lose else 2 if name == self._repeat else 1
        return Answer(202, name, Message())

    def look(self, ids: Collection[str]) -> Seen:
        return Seen(Counter({id: self._done[id] for id in ids}))


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matrix, "SETTLED_WITHIN_SECONDS", 0.1)
    monkeypatch.setattr(matrix, "LATE_SECONDS", 0)
    monkeypatch.setattr("faults.planting.random.choice", lambda _: 0)


def run(fault: str, machine: Any = None, **said: Any) -> Account:
    with Between("http://127.0.0.1:1") as door:
        way = Way({"StoreFunction": "store"}, {"StoreFunction": door})
        (found,) = matrix.columns(way, [Memory(door, **said)], [fault], count=4, machine=machine)
        return found


def test_all_that_is_done_holds() -> None:
    found = run("reorder")

    assert (found.met, found.accepted, found.done, found.lost) == (4, 4, 4, 0)
    assert found.failures() == []


def test_patterns_that_share_a_function_each_meet_their_fault() -> None:
    with Between("http://127.0.0.1:1") as door:
        way = Way({"StoreFunction": "store"}, {"StoreFunction": door})
        patterns = [Memory(door), Memory(door)]
        found = list(
            matrix.columns(way, patterns, ["reorder"], count=4, machine=cast(Machine, None))
        )

        assert [each.failures() for each in found] == [[], []]
        assert door.plants == []


def test_a_function_that_patterns_share_has_one_door_with_the_services_of_both() -> None:
    hops = [Hop("A", Role.WORKER), Hop("B", Role.FRONT), Hop("A", Role.WORKER, ("SESV2",))]

    assert services_of(hops) == {"A": {"DYNAMODB", "SESV2"}, "B": {"DYNAMODB"}}


def test_one_that_is_lost_is_found() -> None:
    assert run("reorder", lose="2").failures() == ["1 lost, such as ('2',)"]


def test_one_that_is_done_twice_is_found_where_once_is_promised() -> None:
    assert run("reorder", repeat="2").failures() == ["1 done twice"]
    assert run("reorder", repeat="2", once=False).failures() == []


def test_one_half_is_sent_before_the_restart_and_one_while_the_store_is_down() -> None:
    moments: list[str] = []

    def restart(*, meanwhile: Callable[[], None]) -> None:
        moments.append("down")
        meanwhile()

    found = run("restart", cast(Machine, SimpleNamespace(restart=restart)))

    assert moments == ["down"]
    assert (found.accepted, found.done, found.failures()) == (4, 4, [])


@pytest.mark.parametrize(("lost", "code"), [("", 0), ("2", 1)])
def test_the_command_fails_if_one_cell_does_not_hold(
    monkeypatch: pytest.MonkeyPatch, lost: str, code: int
) -> None:
    found = [run("reorder"), run("reorder", lose=lost)]
    monkeypatch.setattr(command, "run", lambda *_: found)
    monkeypatch.setattr("sys.argv", ["faults", "--only", "tasks,kill"])

    assert command.main() == code


def test_a_single_request_is_under_way_when_the_store_stops() -> None:
    done: list[int] = []
    with Between("http://127.0.0.1:1") as door:
        pattern, way = Memory(door), Way({"StoreFunction": "store"}, {"StoreFunction": door})

        def restart(*, meanwhile: Callable[[], None]) -> None:
            done.append(pattern._done.total())
            meanwhile()

        machine = cast(Machine, SimpleNamespace(restart=restart))
        list(matrix.columns(way, [pattern], ["restart"], count=1, machine=machine))

    assert done == [1]


def test_the_command_names_what_there_is_to_choose_from(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["faults", "--only", "kil,nothing"])

    assert command.main() == 1
    assert "webhook-in" in capsys.readouterr().err
