"""Whatever the bytes of a body: the answer is 2xx, or 4xx with problem details."""

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.aws_events import request
from tests.moto_cloud import Cloud

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(categories=None)),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=5,
)
names = st.sampled_from(
    [
        "email",
        "name",
        "topic",
        "payload",
        "type",
        "subject",
        "recipient",
        "body",
        "max_attempts",
        "run_at",
        "ordering_key",
        "url",
        "headers",
        "expression",
        "timezone",
        "task",
        "limit",
    ]
)
likely = st.sampled_from(["ada@example.com", "user-events", "email_notification", "Hello", 3])
bodies = st.one_of(
    st.binary(),
    st.dictionaries(names, likely | json_values).map(lambda each: json.dumps(each).encode()),
    json_values.map(lambda each: json.dumps(each).encode()),
)
DEEP = b'{"topic":"user-events","payload":' + b"[" * 5000 + b"]" * 5000 + b"}"
LARGE = b'{"topic":"user-events","payload":"' + b"x" * 255_000 + b'"}'
ESCAPED = b'{"topic":"user-events","payload":"' + "é".encode() * 100_000 + b'"}'

HANDLERS = {
    "RegisterUserFunction": "application/json",
    "PublishEventsFunction": "application/json",
    "EnqueueTaskFunction": "application/json",
    "CreateScheduleFunction": "application/json",
    "RedriveDeadTasksFunction": "application/json",
    "StartImportFunction": "text/csv",
}


def assert_answer(answer: dict[str, Any]) -> None:
    body = json.loads(answer["body"])
    if answer["statusCode"] < 300:
        assert answer["statusCode"] in {201, 202, 207}
        return
    assert 400 <= answer["statusCode"] < 500, body
    assert answer["headers"]["Content-Type"] == "application/problem+json"
    assert body.keys() - {"errors"} == {
        "type", "title", "status", "detail", "instance", "code", "request_id", "retryable",
    }  # fmt: skip
    assert body["status"] == answer["statusCode"]


@pytest.mark.parametrize(("name", "media"), HANDLERS.items())
@settings(max_examples=60, deadline=None)
@given(bodies)
@example(b"")
@example(DEEP)
@example(LARGE)
@example(ESCAPED)
def test_any_body_is_answered(deployment: Cloud, name: str, media: str, body: bytes) -> None:
    answer = deployment.invoke(name, request(body=body, headers={"Content-Type": media}))

    assert_answer(answer)


@pytest.mark.parametrize("name", HANDLERS)
def test_a_text_with_half_a_surrogate_pair_is_answered(deployment: Cloud, name: str) -> None:
    event = request(headers={"Content-Type": HANDLERS[name]})

    assert_answer(deployment.invoke(name, event | {"body": '{"email": "\ud800"}'}))
