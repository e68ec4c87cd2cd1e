"""Sending an HTTP request as a task, to a server that behaves in many ways."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from interchange import clock
from tests.architecture import Json
from tests.aws_events import queue
from tests.moto_cloud import Cloud
from tests.receiver import Receiver, answering
from tests.task_rows import put_task, task


@pytest.fixture
def server() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


def send(cloud: Cloud, url: str, *, local: str = "true", **given: Any) -> Json:
    """Run a task that sends a request; give its row."""
    put_task(cloud, type="http_request", payload={"url": url, **given})
    hint = {"task_id": "tsk_1", "type": "http_request", "priority": "normal"}
    cloud.invoke("RunTaskFunction", queue(hint), ALLOW_LOCAL_TARGETS=local)
    return task(cloud)


def test_a_request_is_sent_with_the_tasks_id_as_its_idempotency_key(
    cloud: Cloud, server: Receiver
) -> None:
    found = send(cloud, server.url("/hook"), body='{"a": 1}', headers={"X-Shop": "7"})

    (received,) = server.received
    assert (received.path, received.body) == ("/hook", b'{"a": 1}')
    assert received.headers["idempotency-key"] == "tsk_1"
    assert received.headers["x-shop"] == "7"
    assert found["status"] == "succeeded"
    assert json.loads(found["result"])["status"] == 200


@pytest.mark.parametrize(
    ("status", "state"),
    [(204, "succeeded"), (302, "dead"), (404, "dead"), (408, "retry_wait"), (503, "retry_wait")],
)
def test_what_the_server_answers_decides(
    cloud: Cloud, server: Receiver, status: int, state: str
) -> None:
    server.behaviours["/"] = answering(status)

    found = send(cloud, server.url())

    assert found["status"] == state
    assert state == "succeeded" or found["error"]["code"] == f"http_{status}"


@pytest.mark.parametrize(
    ("header", "least"), [("120", 120), ("0.2", 0), ("soon", 0), ("-5", 0), ("nan", 0)]
)
def test_a_server_that_asks_for_time_gets_it(
    cloud: Cloud, server: Receiver, header: str, least: int
) -> None:
    server.behaviours["/"] = answering(429, {"Retry-After": header})

    found = send(cloud, server.url())

    wait = clock.parse(found["due_at"]) - clock.parse(found["retried_at"])
    assert found["status"] == "retry_wait"
    assert least <= wait.total_seconds() <= least + 6


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://169.254.169.254/latest", "file:/x"])
def test_what_is_not_public_is_not_called(cloud: Cloud, url: str) -> None:
    found = send(cloud, url, local="false")

    assert (found["status"], found["error"]["code"]) == ("dead", "url_forbidden")


def test_a_server_that_is_away_is_tried_again(cloud: Cloud) -> None:
    found = send(cloud, "http://127.0.0.1:9/")

    assert (found["status"], found["error"]["code"]) == ("retry_wait", "http_connect_refused")
