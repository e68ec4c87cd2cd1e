"""Taking work on."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from interchange import clock, items
from tests.answers import body_of, pointers, refusal
from tests.architecture import Json
from tests.aws_events import request
from tests.faults import ProcessDied, death_after_call, hooked, refusing
from tests.moto_cloud import Cloud, Context
from tests.task_rows import from_now, steering

NO_TIME_LEFT = Context(remaining_millis=0)  # so that a claim's lease is over when it is made
MAIL = {"type": "email_notification", "recipient": "ada@example.com", "subject": "Hello"}


def enqueue(cloud: Cloud, body: Any = MAIL, **headers: str) -> Json:
    event = request("POST", "/api/tasks/enqueue", body=body, headers=headers)
    answer: Json = cloud.invoke("EnqueueTaskFunction", event)
    return answer


def tasks(cloud: Cloud) -> list[Json]:
    return list(map(items.unpack, cloud.rows("TasksTable")))


def test_a_task_is_kept_and_can_be_followed_where_the_answer_says(cloud: Cloud) -> None:
    answer = enqueue(cloud)

    task = body_of(answer)
    assert answer["statusCode"] == 202
    assert answer["headers"]["Location"] == task["id"]
    assert (task["status"], task["attempts"], task["max_attempts"]) == ("queued", 0, 5)
    followed = cloud.invoke("GetTaskFunction", request("GET", "/api/tasks/{id}", id=task["id"]))
    assert body_of(followed) == task


def test_the_row_has_the_payload_and_the_trace_and_the_answer_has_no_payload(cloud: Cloud) -> None:
    answer = enqueue(cloud, MAIL | {"body": "Zoë"}, **{"X-Correlation-Id": "order-7"})

    (task,) = tasks(cloud)
    assert json.loads(task["payload"]) == {
        "recipient": "ada@example.com",
        "subject": "Hello",
        "body": "Zoë",
    }
    assert task["correlation_id"] == "order-7"
    assert "ada@example.com" not in answer["body"]


@pytest.mark.parametrize("attempts", [1, 25])
def test_a_caller_may_choose_the_attempts(cloud: Cloud, attempts: int) -> None:
    assert body_of(enqueue(cloud, MAIL | {"max_attempts": attempts}))["max_attempts"] == attempts


@pytest.mark.parametrize("type", ["fax", "", None, 7, ["email_notification"], {}])
def test_an_unknown_type_is_refused_with_those_that_are_known(cloud: Cloud, type: Any) -> None:
    answer = enqueue(cloud, MAIL | {"type": type})

    assert refusal(answer) == (422, "task_type_unknown")
    (error,) = body_of(answer)["errors"]
    assert error["pointer"] == "/type"
    assert "email_notification" in error["detail"]


@pytest.mark.parametrize("body", [{}, None, "email_notification", 7])
def test_without_a_type_there_is_no_task(cloud: Cloud, body: Any) -> None:
    assert refusal(enqueue(cloud, json.dumps(body).encode())) == (422, "task_type_unknown")


@pytest.mark.parametrize(
    ("change", "places"),
    [
        ({"recipient": "nobody"}, ["/recipient"]),
        ({"recipient": None, "subject": ""}, ["/recipient", "/subject"]),
        ({"subject": "Hello\r\nBcc: eve@example.com"}, ["/subject"]),
        ({"subject": "x" * 201}, ["/subject"]),
        ({"body": "x" * 100_001}, ["/body"]),
        ({"cc": "eve@example.com"}, ["/cc"]),
        ({"max_attempts": 0}, ["/max_attempts"]),
        ({"max_attempts": 26}, ["/max_attempts"]),
        ({"max_attempts": "5"}, ["/max_attempts"]),
        ({"max_attempts": True}, ["/max_attempts"]),
    ],
)
def test_a_task_with_faults_is_refused_with_their_places(
    cloud: Cloud, change: Json, places: list[str]
) -> None:
    assert pointers(enqueue(cloud, MAIL | change)) == places
    assert tasks(cloud) == []


def test_faults_of_the_task_and_of_its_options_are_named_together(cloud: Cloud) -> None:
    answer = enqueue(cloud, MAIL | {"max_attempts": 0, "recipient": "nobody"})

    assert set(pointers(answer)) == {"/max_attempts", "/recipient"}


def test_a_task_that_cannot_be_kept_is_not_acknowledged(cloud: Cloud) -> None:
    with refusing("dynamodb", "PutItem", "RequestLimitExceeded"):
        assert refusal(enqueue(cloud)) == (503, "unavailable")


@pytest.mark.parametrize("seconds", [1, 899, 900, 901, 30 * 86_400])
def test_a_task_may_be_due_later(cloud: Cloud, seconds: int) -> None:
    task = body_of(enqueue(cloud, MAIL | {"delay_seconds": seconds}))

    waits = clock.parse(task["due_at"]) - clock.parse(task["created_at"])
    assert (task["status"], waits.total_seconds()) == ("scheduled", seconds)


def test_a_task_may_say_when_it_is_due_in_any_zone(cloud: Cloud) -> None:
    run_at = clock.parse(from_now(days=30)).replace(microsecond=0)
    there = run_at.isoformat().replace("+00:00", "Z")

    task = body_of(enqueue(cloud, MAIL | {"run_at": there}))

    assert (task["status"], task["due_at"]) == ("scheduled", clock.rfc3339(run_at))


def test_a_time_that_is_over_means_now(cloud: Cloud) -> None:
    assert body_of(enqueue(cloud, MAIL | {"run_at": from_now(days=-1)}))["status"] == "queued"


@pytest.mark.parametrize(
    ("options", "place"),
    [
        ({"run_at": "tomorrow"}, "/run_at"),
        ({"run_at": "2026-01-15T09:30:00"}, "/run_at"),
        ({"run_at": "2026-13-15T09:30:00Z"}, "/run_at"),
        ({"run_at": from_now(days=367)}, "/run_at"),
        ({"run_at": from_now(days=1), "delay_seconds": 1}, "/run_at"),
        ({"delay_seconds": -1}, "/delay_seconds"),
        ({"delay_seconds": 1.5}, "/delay_seconds"),
        ({"expires_at": from_now(seconds=-1)}, "/expires_at"),
        ({"expires_at": from_now(seconds=60), "delay_seconds": 61}, "/expires_at"),
        ({"priority": "urgent"}, "/priority"),
        ({"dedupe_key": ""}, "/dedupe_key"),
        ({"dedupe_key": "a\nb"}, "/dedupe_key"),
        ({"dedupe_seconds": 0}, "/dedupe_seconds"),
        ({"result": 1}, "/result"),
        ({"ordering_key": "a", "delay_seconds": 1}, "/delay_seconds"),
        ({"ordering_key": "a", "priority": "high"}, "/priority"),
        ({"ordering_key": "a", "fairness_key": "b"}, "/fairness_key"),
    ],
)
def test_options_that_mean_nothing_are_refused(cloud: Cloud, options: Json, place: str) -> None:
    assert pointers(enqueue(cloud, MAIL | options)) == [place]
    assert tasks(cloud) == []


def test_a_task_with_the_same_key_is_the_first_one(cloud: Cloud) -> None:
    first = body_of(enqueue(cloud, MAIL | {"dedupe_key": "welcome-7"}))
    second = enqueue(cloud, MAIL | {"dedupe_key": "welcome-7", "subject": "Another"})

    assert second["statusCode"] == 202
    assert body_of(second) == first
    assert body_of(enqueue(cloud, MAIL | {"dedupe_key": "other"}))["id"] != first["id"]
    assert len(tasks(cloud)) == 2


def test_another_callers_key_is_another_key(cloud: Cloud) -> None:
    mine = body_of(enqueue(cloud, MAIL | {"dedupe_key": "a"}))
    others = body_of(enqueue(cloud, MAIL | {"dedupe_key": "a"}, **{"X-Api-Key": "other"}))

    assert mine["id"] != others["id"]


def test_a_key_is_free_again_when_its_window_is_over(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = body_of(enqueue(cloud, MAIL | {"dedupe_key": "a", "dedupe_seconds": 60}))
    soon, later = (clock.parse(from_now(seconds=seconds)) for seconds in (55, 65))

    monkeypatch.setattr(clock, "now", lambda: soon)
    assert body_of(enqueue(cloud, MAIL | {"dedupe_key": "a"}))["id"] == first["id"]
    monkeypatch.setattr(clock, "now", lambda: later)
    assert body_of(enqueue(cloud, MAIL | {"dedupe_key": "a"}))["id"] != first["id"]


def test_an_array_is_answered_task_by_task(cloud: Cloud) -> None:
    body = [MAIL, {"type": "fax"}, MAIL | {"recipient": "nobody"}, MAIL | {"delay_seconds": 5}]

    answer = enqueue(cloud, body)

    results = body_of(answer)["items"]
    assert (answer["statusCode"], [each["status"] for each in results]) == (
        207,
        [202, 422, 422, 202],
    )
    assert [each.get("code") for each in results[1:3]] == ["task_type_unknown", "validation_failed"]
    assert results[2]["errors"][0]["pointer"] == "/recipient"
    taken = [each["task"]["id"] for each in results if "task" in each]
    assert sorted(taken) == taken == sorted(each["id"] for each in tasks(cloud))


def test_an_array_that_is_taken_whole_is_a_202(cloud: Cloud) -> None:
    answer = enqueue(cloud, [MAIL] * 100)

    assert (answer["statusCode"], len(tasks(cloud))) == (202, 100)


@pytest.mark.parametrize("count", [0, 101])
def test_an_array_has_one_to_a_hundred_tasks(cloud: Cloud, count: int) -> None:
    assert refusal(enqueue(cloud, [MAIL] * count)) == (422, "wrong_count")


def test_an_array_whose_function_died_halfway_makes_each_task_once(cloud: Cloud) -> None:
    body = [MAIL, MAIL | {"dedupe_key": "a"}, MAIL | {"ordering_key": "b"}]
    event = request("POST", "/api/tasks/enqueue", body=body, headers={"Idempotency-Key": "k"})
    for call in range(1, 6):
        cloud.clear()
        with death_after_call(call), pytest.raises(ProcessDied):
            cloud.invoke("EnqueueTaskFunction", event, context=NO_TIME_LEFT)
        answer = cloud.invoke("EnqueueTaskFunction", event, context=NO_TIME_LEFT)

        made = [each["task"]["id"] for each in body_of(answer)["items"]]
        assert sorted(made) == sorted(each["id"] for each in tasks(cloud))
        assert len(steering(cloud, "lane")) == 1


def test_of_one_fairness_key_only_so_many_are_due_at_once(cloud: Cloud) -> None:
    rate = float(cloud.resolver.parameters["FairTasksPerSecond"])
    for _ in range(3):
        enqueue(cloud, [MAIL | {"fairness_key": "tenant-a"}] * 100)
    enqueue(cloud, [MAIL | {"fairness_key": "tenant-b"}] * 10)

    due: dict[str, list[str]] = {}
    for each in tasks(cloud):
        due.setdefault(each["fairness_key"], []).append(each["due_at"])
    assert max(due["tenant-b"]) <= from_now()
    spread = clock.parse(max(due["tenant-a"])) - clock.parse(min(due["tenant-a"]))
    assert 299 / rate - 1.1 <= spread.total_seconds() <= 299 / rate
    # Between any two seconds no more than the rate, a second's burst at the beginning apart.
    seconds = [each[:19] for each in sorted(due["tenant-a"])]
    assert max(map(seconds.count, seconds)) <= 2 * rate


def test_a_payload_of_other_scripts_takes_its_bytes_and_not_their_escapes(cloud: Cloud) -> None:
    answer = enqueue(cloud, MAIL | {"body": "é" * 100_000, "html": "é" * 40_000})

    assert answer["statusCode"] == 202


def test_a_task_that_no_row_can_hold_is_refused(cloud: Cloud) -> None:
    body = [MAIL | {"body": "漢" * 100_000, "html": "漢" * 100_000}]

    (result,) = body_of(enqueue(cloud, body))["items"]
    assert (result["status"], result["code"]) == (413, "content_too_large")


@contextmanager
def only(count: int, operation: str, code: str = "RequestLimitExceeded") -> Iterator[None]:
    """Have DynamoDB take so many writes, and refuse those after."""
    left = [None] * count

    def refuse(**_: Any) -> tuple[Any, Any] | None:
        if left:
            left.pop()
            return None
        answer = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": 400}}
        return SimpleNamespace(status_code=400), answer

    with hooked(f"before-call.dynamodb.{operation}", refuse):
        yield


def test_of_an_array_that_fails_halfway_each_task_has_its_own_fate(cloud: Cloud) -> None:
    with only(3, "PutItem"):
        answer = enqueue(cloud, [MAIL] * 4 + [{"type": "fax"}, MAIL])

    fates = body_of(answer)["items"]
    assert (answer["statusCode"], answer["headers"]["Retry-After"]) == (207, "1")
    assert [each["status"] for each in fates] == [202, 202, 202, 503, 422, 503]
    assert [each.get("retryable") for each in fates[3:]] == [True, False, True]
    assert {each["task"]["id"] for each in fates[:3]} == {each["id"] for each in tasks(cloud)}


def test_an_array_that_failed_halfway_comes_again_and_makes_the_rest(cloud: Cloud) -> None:
    key = {"Idempotency-Key": "k-1"}
    with only(4, "PutItem"):  # the key's claim is the first
        first = enqueue(cloud, [MAIL] * 5, **key)
    second = enqueue(cloud, [MAIL] * 5, **key)

    made = [each["task"]["id"] for each in body_of(second)["items"]]
    assert (first["statusCode"], second["statusCode"]) == (207, 202)
    assert made[:3] == [each["task"]["id"] for each in body_of(first)["items"][:3]]
    assert sorted(each["id"] for each in tasks(cloud)) == sorted(set(made))


def test_a_lane_has_no_task_before_one_that_must_come_again(cloud: Cloud) -> None:
    order = MAIL | {"ordering_key": "k"}
    with only(0, "TransactWriteItems"):
        answer = enqueue(cloud, [MAIL, order, order])

    assert [each["status"] for each in body_of(answer)["items"]] == [202, 503, 503]
    assert enqueue(cloud, [order])["statusCode"] == 202
    assert len(tasks(cloud)) == 2


def test_a_task_that_no_retry_can_save_stops_no_other(cloud: Cloud) -> None:
    order = MAIL | {"ordering_key": "k"}
    with only(0, "TransactWriteItems", "ValidationException"):
        answer = enqueue(cloud, [order, MAIL])

    assert [each["status"] for each in body_of(answer)["items"]] == [500, 202]
    assert "Retry-After" not in answer["headers"]
