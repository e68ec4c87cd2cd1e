"""Message Queue in depth, over HTTP: when and in what order; seen and steered."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from interchange import clock
from local.api import Api, until
from local.props import ended
from local.stack import Stack
from tests.e2e.faults import Proxy, schedules
from tests.e2e.test_message_queue import ENDED, enqueue, finished, mails_to
from tests.e2e.test_request_response import JSON, assert_problem
from tests.receiver import Receiver, answering, in_turn
from tests.task_rows import from_now


@pytest.fixture(scope="module")
def server() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


def call_task(server: Receiver, path: str, **options: Any) -> dict[str, Any]:
    return {"type": "http_request", "url": server.url(path), **options}


def take_on(api: Api, *tasks: dict[str, Any]) -> list[str]:
    """Enqueue tasks as an array; give their ids."""
    body = api.post("/api/tasks/enqueue", list(tasks), expect=202).body
    return [each["task"]["id"] for each in body["items"]]


def end_of(api: Api, id: str, *, within: float = 120) -> dict[str, Any]:
    return until("the task's end", lambda: ended(api, f"/api/tasks/{id}", ENDED), within=within)


def test_a_task_is_done_when_it_is_due_and_not_before(api: Api, run: str) -> None:
    enqueued = enqueue(api, f"later.{run}@example.com", delay_seconds=3)
    assert enqueued.body["status"] == "scheduled"

    task = finished(api, enqueued)

    assert task["status"] == "succeeded"
    assert task["started_at"] >= task["due_at"]


def test_what_is_due_in_a_month_has_a_schedule_that_its_stream_made(
    api: Api, stack: Stack, run: str
) -> None:
    id = enqueue(api, f"month.{run}@example.com", run_at=from_now(days=30)).body["id"]
    scheduler = stack.client("scheduler")

    found = until("the schedule", lambda: schedule_with(stack, id))
    assert found["ActionAfterCompletion"] == "DELETE"
    # It comes early, as if its minute had begun: the worker puts it off, and spends no attempt.
    scheduler.update_schedule(
        Name=found["Name"],
        GroupName=found["GroupName"],
        ScheduleExpression="at(2026-01-01T00:00:00)",
        FlexibleTimeWindow={"Mode": "OFF"},
        ActionAfterCompletion="DELETE",
        Target=found["Target"],
    )
    until("the schedule's end", lambda: schedule_with(stack, id) is None or None)
    time.sleep(1)  # for the worker; if it is slower, there is the less to be seen
    task = api.get(f"/api/tasks/{id}").body
    assert (task["status"], task["attempts"]) == ("scheduled", 0)
    assert api.call("DELETE", f"/api/tasks/{id}").body["status"] == "cancelled"


def schedule_with(stack: Stack, text: str) -> Any:
    """Find the schedule of EventBridge Scheduler that would send this text."""
    found = (each for each in schedules(stack) if text in each["Target"].get("Input", ""))
    return next(found, None)


def test_a_dedupe_key_makes_one_task(api: Api, stack: Stack, run: str) -> None:
    recipient = f"once.{run}@example.com"

    ids = {enqueue(api, recipient, dedupe_key=f"once-{run}").body["id"] for _ in range(5)}

    (id,) = ids
    end_of(api, id)
    assert mails_to(stack, recipient) == 1


def test_an_array_is_answered_task_by_task(api: Api, run: str) -> None:
    good = {"type": "email_notification", "recipient": f"a.{run}@example.com", "subject": "Hi"}
    body = json.dumps([good, {"type": "fax"}, good | {"recipient": "nobody"}]).encode()

    answer = api.call("POST", "/api/tasks/enqueue", body, JSON)

    assert (answer.status, [each["status"] for each in answer.body["items"]]) == (
        207,
        [202, 422, 422],
    )


def test_tasks_of_one_key_are_done_in_their_order_though_one_fails_twice(
    api: Api, server: Receiver, run: str
) -> None:
    server.behaviours[f"/{run}/2"] = in_turn(answering(503), answering(503), answering(200))
    for number in range(6):
        order = call_task(server, f"/{run}/{number}", ordering_key=run, body=str(number))
        last = api.post("/api/tasks/enqueue", order, expect=202).body["id"]

    assert end_of(api, last, within=240)["status"] == "succeeded"

    done = [each.path[-1] for each in server.received if each.path.startswith(f"/{run}/")]
    assert "".join(done) == "01222345"


def test_what_its_lane_held_back_for_too_long_expires_and_the_lane_goes_on(
    api: Api, stack: Stack, server: Receiver, run: str
) -> None:
    path, recipient = f"/{run}", f"lane.{run}@example.com"
    server.behaviours[path] = in_turn(answering(429, {"Retry-After": "10"}), answering(200))
    mail = {"type": "email_notification", "recipient": recipient, "subject": "Hi"}
    mail["ordering_key"] = run

    late = mail | {"expires_at": from_now(seconds=8)}
    ids = take_on(api, call_task(server, path, ordering_key=run), late, mail)

    assert [end_of(api, id)["status"] for id in ids] == ["succeeded", "expired", "succeeded"]
    assert mails_to(stack, recipient) == 1


def test_a_request_is_sent_with_its_tasks_id_and_a_server_that_asks_for_time_gets_it(
    api: Api, server: Receiver, run: str
) -> None:
    path = f"/{run}"
    server.behaviours[path] = in_turn(answering(429, {"Retry-After": "3"}), answering(200))

    (id,) = take_on(api, call_task(server, path))
    task = end_of(api, id)

    first, second = server.at(path)
    assert second.at - first.at >= 3
    assert {each.headers["idempotency-key"] for each in (first, second)} == {id}
    assert task["result"]["status"] == 200
    assert [each["code"] for each in task["failures"]] == ["http_429"]


def test_the_dead_are_listed_and_redriven_one_and_all(api: Api, server: Receiver, run: str) -> None:
    path = f"/{run}"
    server.behaviours[path] = answering(404)
    ids = take_on(api, *[call_task(server, path)] * 4)
    for id in ids:
        assert end_of(api, id)["status"] == "dead"
    server.behaviours[path] = answering(200)

    dead = api.get("/api/tasks/dead?type=http_request&page_size=1000").body["items"]
    assert set(ids) <= {each["id"] for each in dead}
    api.post(f"/api/tasks/{ids[0]}/redrives", {}, expect=202)
    assert end_of(api, ids[0])["status"] == "succeeded"
    begun = api.post("/api/tasks/dead/redrives", {"type": "http_request"}, expect=202).body

    path = f"/api/tasks/dead/redrives/{begun['id']}"
    redrive = until("the redrive's end", lambda: ended(api, path, {"completed"}))
    assert redrive["moved"] >= 3
    assert [end_of(api, id)["status"] for id in ids] == ["succeeded"] * 4
    again = api.call("POST", f"/api/tasks/{ids[0]}/redrives", b"{}", JSON)
    assert_problem(again, 409, "task_not_dead")


def test_a_paused_priority_waits_and_goes_on_when_it_is_resumed(
    api: Api, server: Receiver, run: str
) -> None:
    scope = "/api/tasks/pauses/priority:low"
    api.call("PUT", scope, b'{"reason": "a test"}', JSON)
    time.sleep(3)  # what was read before is known for two seconds

    low = take_on(api, *[call_task(server, f"/{run}/low", priority="low")] * 3)
    high = take_on(api, call_task(server, f"/{run}/high", priority="high"))
    assert end_of(api, high[0])["status"] == "succeeded"
    states = [("scheduled", 0)] * 3

    def parked() -> Any:
        tasks = [api.get(f"/api/tasks/{id}").body for id in low]
        return [(each["status"], each["attempts"]) for each in tasks] == states or None

    until("the tasks to be parked", parked)
    assert server.at(f"/{run}/low") == []
    pauses = api.get("/api/tasks/pauses").body["items"]
    assert ("priority:low", "a test") in [(each["id"], each["reason"]) for each in pauses]

    assert api.call("DELETE", scope).status == 204
    assert [end_of(api, id)["status"] for id in low] == ["succeeded"] * 3


def test_a_schedules_tick_makes_one_task(
    api: Api, stack: Stack, server: Receiver, run: str
) -> None:
    body = {"expression": "rate(1 hour)", "task": call_task(server, f"/{run}")}
    schedule = api.post("/api/tasks/schedules", body, expect=201).body
    path = f"/api/tasks/schedules/{schedule['id']}"
    due = let_tick(stack, schedule["id"])

    until("the tick's request", lambda: server.at(f"/{run}") or None)

    shown = api.get(path).body
    assert shown["last_tick_at"] == due
    assert shown["next_at"] > due
    assert len(server.at(f"/{run}")) == 1
    assert api.call("DELETE", path).status == 204
    assert_problem(api.get(path), 404, "schedule_not_found")


def let_tick(stack: Stack, id: str) -> str:
    """Have a schedule's next tick be now, as if the time until then had gone by; give the tick."""
    due = clock.rfc3339(clock.now())
    stack.client("dynamodb").update_item(
        TableName=stack.outputs["SteeringTableName"],
        Key={"id": {"S": id}},
        UpdateExpression="SET next_at = :due ADD version :one",
        ExpressionAttributeValues={":due": {"S": due}, ":one": {"N": "1"}},
    )
    return due


def test_what_the_template_declares_makes_one_task_a_tick(api: Api, stack: Stack) -> None:
    began = from_now()
    declared = schedule_with(stack, '"declaration"')
    queue = declared["Target"]["Arn"].rpartition(":")[2]
    sqs = stack.client("sqs")
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    for _ in range(2):  # Scheduler sends at least once, every hour
        sqs.send_message(QueueUrl=url, MessageBody=declared["Target"]["Input"])

    def shown() -> Any:
        items = api.get("/api/tasks/schedules?page_size=1000").body["items"]
        return next((each for each in items if each.get("declared_as") == "users-report"), None)

    schedule = until("the declared schedule", shown)
    due = let_tick(stack, schedule["id"])
    tick = json.dumps({"id": schedule["id"], "kind": "schedule", "tick": due})
    sqs.send_message(QueueUrl=url, MessageBody=tick)  # and its stream sends another
    until("the tick", lambda: shown().get("last_tick_at") == due or None)

    query = f"/api/tasks?type=users_report&from={began}&page_size=1000"
    mine = [each for each in api.get(query).body["items"] if "schedule_id" in each]
    assert [each["schedule_id"] for each in mine] == [schedule["id"]]
    assert end_of(api, mine[0]["id"])["status"] == "succeeded"


def test_tasks_are_listed_by_state_type_and_time(api: Api, server: Receiver, run: str) -> None:
    began = from_now()
    ids = take_on(api, *[call_task(server, f"/{run}")] * 5)
    for id in ids:
        end_of(api, id)

    query = f"/api/tasks?status=succeeded&type=http_request&from={began}"
    listed: list[str] = []
    page = api.get(f"{query}&page_size=2").body
    while True:
        listed += [each["id"] for each in page["items"]]
        if "next_page_token" not in page:
            break
        page = api.get(f"{query}&page_size=2&page_token={page['next_page_token']}").body

    assert listed == sorted(listed)
    assert set(ids) <= set(listed)


def test_a_report_says_how_many_users_there_are(api: Api, run: str) -> None:
    user = {"email": f"counted.{run}@example.com", "name": "C"}
    api.post("/api/users", user, expect=201)

    (id,) = take_on(api, {"type": "users_report", "priority": "high"})

    result = end_of(api, id)["result"]
    assert result["total"] >= 1
    assert sum(result["by_origin"].values()) == result["total"]


def test_a_running_task_is_told_that_it_is_cancelled(api: Api, run: str, mail: Proxy) -> None:
    recipient = f"stop.{run}@example.com"
    sending = mail.hold(lambda _, body: recipient.encode() in body)
    id = enqueue(api, recipient).body["id"]
    assert sending.reached.wait(120)

    answer = api.call("DELETE", f"/api/tasks/{id}")
    sending.opened.set()

    assert (answer.status, answer.body["status"]) == (202, "running")
    assert "cancel_requested_at" in answer.body
    # A mail has no checkpoint to stop at; a worker that takes it over, once its time is up, stops.
    assert end_of(api, id)["status"] in {"succeeded", "cancelled"}
