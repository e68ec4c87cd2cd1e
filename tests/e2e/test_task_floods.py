"""Many tasks: workers that are killed at random, and a tenant with more than all the others."""

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from local.api import Api
from local.stack import Stack
from tests.e2e.faults import kill
from tests.e2e.test_tasks import call_task, end_of, take_on
from tests.receiver import Receiver

# TASKS=10000 is the long run (benchmarks/README.md); the suite has minutes for everything.
MANY = int(os.environ.get("TASKS", "300"))


@pytest.fixture(scope="module")
def server() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


def take_all(api: Api, task: dict[str, Any], count: int) -> list[str]:
    """Enqueue many tasks, a hundred a call, each with its number as its body."""
    ids: list[str] = []
    for start in range(0, count, 100):
        numbers = range(start, min(start + 100, count))
        ids += take_on(api, *(task | {"body": str(each)} for each in numbers))
    return ids


def test_one_tenants_many_tasks_do_not_hold_up_anothers_few(
    api: Api, server: Receiver, run: str
) -> None:
    """The few have ended before the last of the many was even due: by what is recorded of both."""
    many = call_task(server, f"/{run}/many", fairness_key=f"{run}-a")
    theirs = take_all(api, many, MANY)
    few = [call_task(server, f"/{run}/few", fairness_key=f"{run}-b")] * 10

    mine = [end_of(api, id) for id in take_on(api, *few)]

    assert [each["status"] for each in mine] == ["succeeded"] * 10
    last = api.get(f"/api/tasks/{theirs[-1]}").body
    assert max(each["ended_at"] for each in mine) < last["due_at"]
    for id in theirs:  # the other tests need the workers
        api.call("DELETE", f"/api/tasks/{id}")


def test_many_tasks_survive_workers_that_are_killed_at_random(
    api: Api, stack: Stack, server: Receiver, run: str
) -> None:
    """Every task is accounted for, and its effect is one by the key that each request carries."""
    ids = take_all(api, call_task(server, f"/{run}", max_attempts=25), MANY)
    killed = _kill_now_and_then(stack, random.Random(run), times=5 + MANY // 100)

    tasks = [end_of(api, id, within=240 + MANY / 10) for id in ids]

    assert killed() > 0
    assert Counter(each["status"] for each in tasks) == {"succeeded": MANY}
    keys = Counter(each.headers["idempotency-key"] for each in server.at(f"/{run}"))
    assert keys.keys() == set(ids)
    # Twice only where a worker died between the answer and its write, which its row has counted.
    assert [each["id"] for each in tasks if keys[each["id"]] > each["attempts"]] == []


def _kill_now_and_then(stack: Stack, chance: random.Random, *, times: int) -> Any:
    """Kill workers in the background; give how many, once that is over."""
    deaths: list[int] = []

    def kill_some() -> None:
        for _ in range(times):
            time.sleep(chance.uniform(0.3, 1.5))
            deaths.append(kill(stack, "RunTaskFunction"))

    thread = threading.Thread(target=kill_some)
    thread.start()

    def killed() -> int:
        thread.join()
        return sum(deaths)

    return killed
