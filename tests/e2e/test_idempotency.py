"""Idempotency-Key on every POST, over HTTP."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from local.api import Answer, Api, until
from local.cloud import ROOT
from local.props import found_or_none
from local.stack import Stack
from tests.e2e.faults import physical_name
from tests.e2e.spy import Spy
from tests.e2e.test_products import another_key
from tests.e2e.test_request_response import JSON, assert_problem

TASK = {"type": "email_notification", "subject": "Welcome!"}


def post(api: Api, path: str, body: Any, key: str) -> Answer:
    return api.call("POST", path, json.dumps(body).encode(), JSON | {"idempotency-key": key})


def requests(run: str) -> list[tuple[str, Any, dict[str, str]]]:
    """Give an acceptable request for every POST of the API that has an effect of its own."""
    email = f"key.{run}@example.com"
    return [
        ("/api/users", {"email": email, "name": "Ada"}, JSON),
        ("/events/publish", {"topic": "user-events", "payload": {"run": run}}, JSON),
        ("/api/tasks/enqueue", TASK | {"recipient": email}, JSON),
        ("/api/users/batch", f"email,name\nx{email},Ada\n", {"content-type": "text/csv"}),
        ("/api/products/espresso-machine/inventory/adjustments", {"delta": 1, "reason": "x"}, JSON),
    ]


def test_every_post_sent_again_is_answered_again_and_done_once(api: Api, run: str) -> None:
    for path, body, media in requests(run):
        raw = (body if isinstance(body, str) else json.dumps(body)).encode()
        headers = media | {"idempotency-key": run}

        first = api.call("POST", path, raw, headers)
        again = api.call("POST", path, raw, headers)

        assert first.status in (201, 202), (path, first.body)
        assert (again.status, again.body) == (first.status, first.body)
        assert again.headers["location"] == first.headers["location"]
        assert first.headers["idempotent-replayed"] is None
        assert again.headers["idempotent-replayed"] == "true"
        assert again.headers["x-request-id"] != first.headers["x-request-id"]


def test_fifty_with_one_key_ten_at_a_time_have_one_effect(api: Api, run: str, spy: Spy) -> None:
    body = {"topic": "user-events", "payload": {"run": run}}

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: post(api, "/events/publish", body, run), range(50)))

    accepted = [answer for answer in answers if answer.status == 202]
    (event_id,) = {answer.body["id"] for answer in accepted}
    fresh = [answer for answer in accepted if not answer.headers["idempotent-replayed"]]
    assert len(fresh) == 1
    for answer in answers:
        if answer.status != 202:
            assert_problem(answer, 409, "idempotency_key_in_use")
            assert int(answer.headers["retry-after"]) >= 1
    until("the event", lambda: spy.events(id=event_id) or None)
    assert len([each for each in spy.events() if each.get("data") == {"run": run}]) == 1


def test_fifty_at_the_same_instant_have_one_effect(stack: Stack, run: str) -> None:
    """The handler itself, on the deployed tables: fifty processes would only queue for the CPU."""
    name = physical_name(stack, "EnqueueTaskFunction")
    function = stack.client("lambda").get_function_configuration(FunctionName=name)
    environment = os.environ | stack.cloud.environment | function["Environment"]["Variables"]
    path = os.pathsep.join(["functions", "layers/interchange", "."])
    ran = subprocess.run(
        [sys.executable, "-m", "tests.e2e.fifty", f"fifty.{run}@example.com"],
        env=environment | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )

    answers = json.loads(ran.stdout.splitlines()[-1])
    assert len(answers) == 50
    accepted = {task_id for status, task_id in answers if status == 202}
    assert len(accepted) == 1
    assert {status for status, _ in answers} <= {202, 409}
    tasks = stack.client("dynamodb").scan(TableName=stack.outputs["TasksTableName"])["Items"]
    assert len([task for task in tasks if run in str(task["payload"])]) == 1


def test_a_key_is_its_first_requests_alone(api: Api, run: str) -> None:
    body = {"topic": "user-events", "payload": 1}
    first = post(api, "/events/publish", body, run)

    other_body = post(api, "/events/publish", body | {"payload": 2}, run)
    other_query = post(api, "/events/publish?x=1", body, run)

    assert_problem(other_body, 422, "idempotency_key_reused")
    assert_problem(other_query, 422, "idempotency_key_reused")
    assert post(api, "/events/publish", body, run).body == first.body


def test_another_caller_or_route_with_the_same_key_is_another_request(
    api: Api, stack: Stack, run: str
) -> None:
    body = {"topic": "user-events", "payload": {"run": run}}
    first = post(api, "/events/publish", body, run)

    other_caller = post(Api(stack.base_url, another_key(stack)), "/events/publish", body, run)
    other_route = post(api, "/api/users", {"email": f"r.{run}@example.com", "name": "R"}, run)

    assert other_caller.status == 202
    assert other_caller.body["id"] != first.body["id"]
    assert other_route.status == 201


def test_a_refusal_that_will_stay_one_is_answered_again(api: Api, run: str) -> None:
    first = post(api, "/api/tasks/enqueue", {"type": "none"}, run)
    again = post(api, "/api/tasks/enqueue", {"type": "none"}, run)

    assert first.status == again.status == 422
    assert first.body == again.body
    assert again.headers["idempotent-replayed"] == "true"


@pytest.mark.parametrize("key", ["", '""', "a b", "x" * 256, '"open', "é"])
def test_a_malformed_key_is_refused(api: Api, key: str) -> None:
    encoded = key.encode().decode("latin-1")

    answer = post(api, "/events/publish", {"topic": "user-events", "payload": 1}, encoded)

    assert_problem(answer, 400, "idempotency_key_malformed")


def test_an_event_published_with_a_key_can_be_read(api: Api, run: str) -> None:
    body = {"topic": "user-events", "payload": {"run": run}}

    event_id = post(api, "/events/publish", body, run).body["id"]

    event = until("the event", lambda: found_or_none(api, f"/events/{event_id}"))
    assert event["data"] == {"run": run}
