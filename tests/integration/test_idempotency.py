"""Idempotency-Key: the same POST twice, one effect."""

import json
from datetime import timedelta
from typing import Any

import pytest

from interchange import clock, items, store
from tests.answers import body_of, refusal
from tests.architecture import Json
from tests.aws_events import request
from tests.faults import hooked, refusing
from tests.moto_cloud import Cloud, Context

MAIL = {"type": "email_notification", "recipient": "ada@example.com", "subject": "Hello"}
TABLE = "IdempotencyTable"
DAY = timedelta(days=1)


def enqueue(cloud: Cloud, key: str = "key-1", body: Any = MAIL, **given: Any) -> Json:
    caller = {"X-Api-Key": given.pop("caller", "one")}
    event = request(path="/api/tasks/enqueue", body=body, headers=caller | {"Idempotency-Key": key})
    answer: Json = cloud.invoke("EnqueueTaskFunction", event, **given)
    return answer


def tasks(cloud: Cloud) -> int:
    return len(cloud.rows("TasksTable"))


def claim(cloud: Cloud) -> Json:
    return items.unpack(cloud.rows(TABLE)[0])


def change_claim(cloud: Cloud, **values: Any) -> None:
    """Let time pass, or a process die: write into the claim."""
    change = "SET " + ", ".join(f"#{name} = :{name}" for name in values)
    key = {"id": claim(cloud)["id"]}
    store.update(cloud.name(TABLE), key, change, when="attribute_exists(#id)", values=values)


def test_the_same_request_again_has_the_same_answer_and_no_effect(cloud: Cloud) -> None:
    first, again = enqueue(cloud), enqueue(cloud)

    assert again["headers"].pop("Idempotent-Replayed") == "true"
    assert again == first
    assert tasks(cloud) == 1


def test_a_refusal_is_given_again_too(cloud: Cloud) -> None:
    first, again = (enqueue(cloud, body=MAIL | {"subject": ""}) for _ in range(2))

    assert refusal(again) == refusal(first) == (422, "validation_failed")
    assert again["headers"]["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize("key", ["key-1", '"key-1"', " key-1 "])
def test_a_key_is_the_same_bare_and_quoted(cloud: Cloud, key: str) -> None:
    enqueue(cloud)

    assert "Idempotent-Replayed" in enqueue(cloud, key)["headers"]


@pytest.mark.parametrize("given", [{"key": "key-2"}, {"caller": "two"}])
def test_another_key_or_caller_is_another_request(cloud: Cloud, given: dict[str, str]) -> None:
    enqueue(cloud)

    assert "Idempotent-Replayed" not in enqueue(cloud, **given)["headers"]
    assert tasks(cloud) == 2


def test_a_key_for_another_body_is_refused(cloud: Cloud) -> None:
    enqueue(cloud)

    answer = enqueue(cloud, body=MAIL | {"subject": "Other"})

    assert refusal(answer) == (422, "idempotency_key_reused")
    assert tasks(cloud) == 1


@pytest.mark.parametrize(
    "key", ["", "a b", "\u00e9", "x" * 256, '""', '"a', "a\tb", '"' + "x" * 256 + '"']
)
def test_a_malformed_key_is_refused(cloud: Cloud, key: str) -> None:
    assert refusal(enqueue(cloud, key)) == (400, "idempotency_key_malformed")
    assert tasks(cloud) == 0


def test_while_the_first_is_running_the_second_is_told_to_wait(cloud: Cloud) -> None:
    second: list[Json] = []

    def overtake(model: Any, **_: Any) -> None:
        if not second:
            second.append({})
            second[0] = enqueue(cloud)

    with hooked("before-call.dynamodb.UpdateItem", overtake):  # the first is about to settle
        first = enqueue(cloud)

    assert first["statusCode"] == 202
    assert refusal(second[0]) == (409, "idempotency_key_in_use")
    assert 1 <= int(second[0]["headers"]["Retry-After"]) <= 5
    assert tasks(cloud) == 1


def test_a_dead_functions_claim_is_taken_over_once_its_time_is_up(cloud: Cloud) -> None:
    enqueue(cloud)
    change_claim(cloud, status="running", lease_ends_at=clock.rfc3339(clock.now()))

    answer = enqueue(cloud)

    assert answer["statusCode"] == 202
    assert "Idempotent-Replayed" not in answer["headers"]
    assert tasks(cloud) == 1


def test_a_function_that_lost_its_claim_does_not_settle_it(cloud: Cloud) -> None:
    def lose(params: Json, **_: Any) -> None:
        if json.loads(params["body"])["TableName"] == cloud.name("TasksTable"):
            change_claim(cloud, fence="heir")

    with hooked("before-call.dynamodb.PutItem", lose):
        answer = enqueue(cloud)

    assert answer["statusCode"] == 202
    assert (claim(cloud)["status"], claim(cloud)["fence"]) == ("running", "heir")


def test_what_may_be_otherwise_the_next_time_is_not_kept(cloud: Cloud) -> None:
    def refuse_task(params: Json, **_: Any) -> None:
        if json.loads(params["body"])["TableName"] == cloud.name("TasksTable"):
            raise ConnectionError

    with hooked("before-call.dynamodb.PutItem", refuse_task):
        assert enqueue(cloud)["statusCode"] >= 500

    seed = claim(cloud)["seed"]
    answer = enqueue(cloud)
    assert answer["statusCode"] == 202
    assert body_of(answer)["id"] == f"tsk_{seed}"  # what the first try may have made is found


def test_a_key_is_kept_for_a_day_whether_or_not_its_row_is_deleted(cloud: Cloud) -> None:
    enqueue(cloud)
    kept = claim(cloud)["expires_epoch"] - clock.now().timestamp()
    assert kept == pytest.approx(DAY.total_seconds(), abs=60)

    change_claim(cloud, expires_epoch=int(clock.now().timestamp()))

    assert "Idempotent-Replayed" not in enqueue(cloud)["headers"]
    assert tasks(cloud) == 2


def test_without_the_claims_table_nothing_is_done(cloud: Cloud) -> None:
    with refusing("dynamodb", "PutItem", "ThrottlingException"):
        assert refusal(enqueue(cloud)) == (503, "unavailable")

    assert tasks(cloud) == 0


def test_a_claim_holds_for_as_long_as_the_function_may_run(cloud: Cloud) -> None:
    now = clock.now()
    enqueue(cloud, context=Context(remaining_millis=25_000))

    left = clock.parse(claim(cloud)["lease_ends_at"]) - now
    assert left.total_seconds() == pytest.approx(25, abs=1)
