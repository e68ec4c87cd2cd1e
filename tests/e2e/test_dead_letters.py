"""What a runbook says of task queues' dead letters: mend, then move the messages back."""

from collections import Counter
from collections.abc import Iterator

import pytest

from local.api import Api, until
from local.props import ended
from local.stack import Stack
from tests.e2e.dead_letters import Queue
from tests.e2e.test_tasks import call_task, end_of, take_on
from tests.receiver import Receiver, answering, in_turn


@pytest.fixture(scope="module")
def server() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


def test_ordered_tasks_that_are_moved_back_are_done_once_and_in_their_order(
    api: Api, stack: Stack, server: Receiver, run: str
) -> None:
    queue = Queue.named(stack, "OrderedTasksQueue")
    with queue.unread():
        orders = [call_task(server, f"/{run}/{each}", ordering_key=run) for each in "01"]
        ids = [take_on(api, each)[0] for each in orders]
        queue.give_up(ids[-1])
    assert [api.get(f"/api/tasks/{id}").body["status"] for id in ids] == ["queued"] * 2

    queue.move_back(copies=2)

    assert [end_of(api, id)["status"] for id in ids] == ["succeeded"] * 2
    done = [each.path[-1] for each in server.received if each.path.startswith(f"/{run}/")]
    assert "".join(done) == "01"


def test_a_redrive_whose_message_is_moved_back_goes_on_and_moves_each_task_once(
    api: Api, stack: Stack, server: Receiver, run: str
) -> None:
    paths = [f"/{run}/{each}" for each in "012"]
    for path in paths:
        server.behaviours[path] = in_turn(answering(404), answering(200))
    ids = take_on(api, *(call_task(server, path) for path in paths))
    assert [end_of(api, id)["status"] for id in ids] == ["dead"] * 3
    queue = Queue.named(stack, "SteeringQueue")
    with queue.unread():
        begun = api.post("/api/tasks/dead/redrives", {"type": "http_request"}, expect=202).body
        queue.give_up(begun["id"])

    queue.move_back(copies=2)

    where = f"/api/tasks/dead/redrives/{begun['id']}"
    until("the redrive's end", lambda: ended(api, where, {"completed"}))
    assert [end_of(api, id)["status"] for id in ids] == ["succeeded"] * 3
    assert Counter(each.path for each in server.received if each.path in paths) == dict.fromkeys(
        paths, 2
    )
