"""Tasks that take longer than an invocation: in slices, from checkpoint to checkpoint."""

import uuid
from typing import Any

import pytest

from local.api import Api, until
from local.logs import Follower
from local.stack import Stack
from tests.e2e.faults import Proxy, intercepted
from tests.e2e.test_tasks import end_of, take_on

PAGES = 12


@pytest.fixture
def rows(stack: Stack) -> Proxy:
    """What stands between the worker and DynamoDB."""
    return intercepted(stack, "RunTaskFunction", "DYNAMODB")


def is_scan(operation: str, _: bytes) -> bool:
    return operation.endswith(".Scan")


def report(api: Api, **options: Any) -> str:
    """Have the users counted, with the priority that has workers of its own; give the task's id."""
    (id,) = take_on(api, {"type": "users_report", "priority": "high", **options})
    return id


@pytest.fixture(scope="module")
def size(api: Api) -> int:
    """How many users make a page, if there are to be twelve pages."""
    for number in range(PAGES):
        user = {"email": f"page{number}.{uuid.uuid4().hex}@example.com", "name": "P"}
        api.post("/api/users", user, expect=201)
    total: int = end_of(api, report(api))["result"]["total"]
    return total // PAGES


def test_long_work_is_done_in_slices(api: Api, stack: Stack, size: int, rows: Proxy) -> None:
    """Twelve pages of half a second: the worker has five seconds, of which a slice takes 3.5."""
    with rows.delaying(is_scan, 0.5):
        id = report(api, page_size=size)
        task = end_of(api, id)

    assert task["status"] == "succeeded"
    assert task["result"]["total"] >= PAGES
    assert sum(task["result"]["by_origin"].values()) == task["result"]["total"]
    until("the slice's end", lambda: slices_of(stack, id) or None)


def test_ordered_long_work_keeps_its_place_from_slice_to_slice(
    api: Api, stack: Stack, size: int, rows: Proxy, run: str
) -> None:
    order = {"type": "users_report", "page_size": size, "ordering_key": run}
    with rows.delaying(is_scan, 0.5):
        first, second = take_on(api, order, order)
        ends = [end_of(api, id) for id in (first, second)]

    assert [each["status"] for each in ends] == ["succeeded", "succeeded"]
    assert ends[0]["ended_at"] <= ends[1]["started_at"]
    until("the slice's end", lambda: slices_of(stack, first) or None)


def slices_of(stack: Stack, id: str) -> list[str]:
    lines = [each["message"] for each in Follower(stack).fetch() if id in each["message"]]
    return [each for each in lines if "Task goes on in another invocation" in each]


def test_work_that_is_cancelled_stops_at_its_next_checkpoint(
    api: Api, size: int, rows: Proxy
) -> None:
    counting = rows.hold(is_scan)
    id = report(api, page_size=size)
    assert counting.reached.wait(120)

    answer = api.call("DELETE", f"/api/tasks/{id}")
    counting.opened.set()

    assert (answer.status, answer.body["status"]) == (202, "running")
    task = end_of(api, id)
    assert task["status"] == "cancelled"
    assert "result" not in task
    # None where the invocation had ended before it came to the checkpoint.
    assert task.get("progress", {"users": size}) == {"users": size}
