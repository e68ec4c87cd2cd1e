"""A story out of log lines: causes before effects, and nothing that callers sent."""

import json
from typing import Any

import pytest

from local.timeline import Line, is_id, names, ordered, parse, render

GROUP = "/aws/lambda/app-RunTaskFunction-1A2B"


def line(**entry: Any) -> Line:
    defaults = {
        "level": "INFO",
        "message": "Done",
        "timestamp": "2026-01-15T09:00:00.500Z",
        "service": "message-queue",
        "elapsed_ms": 0,
        "correlation_id": "abc",
    }
    found = parse(json.dumps(defaults | entry), group=GROUP)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "message",
    [
        "START RequestId: 1 Version: $LATEST",
        '{"_aws": {"Timestamp": 1}, "TaskSucceeded": 1}',
        '{"time": "2026-01-15T09:00:00Z", "type": "platform.report", "record": {}}',
        '"text"',
        "[]",
        "",
    ],
)
def test_what_is_no_line_of_ours_is_passed_over(message: str) -> None:
    assert parse(message, group=GROUP) is None


@pytest.mark.parametrize(
    ("written", "shown"),
    [("app-GetUserFunction-9Z", "GetUser"), (None, "RunTask"), ("", "RunTask"), ("own", "own")],
)
def test_a_line_is_of_the_function_that_it_names_else_of_its_group(
    written: str | None, shown: str
) -> None:
    assert line(**({} if written is None else {"function": written})).function == shown


def test_a_cause_stands_before_its_effect_though_it_was_written_later() -> None:
    cause = line(message="cause", timestamp="2026-01-15T09:00:00.900Z", elapsed_ms=850)
    effect = line(message="effect", timestamp="2026-01-15T09:00:00.100Z", elapsed_ms=20)
    end = line(message="end", timestamp="2026-01-15T09:00:00.950Z", elapsed_ms=900)

    told = [each.entry["message"] for each in ordered([end, effect, cause])]

    assert told == ["cause", "end", "effect"]


def test_a_line_has_an_id_only_whole() -> None:
    assert names(line(task_id="tsk_1"), "tsk_1")
    assert names(line(correlation_id="tsk_1"), "tsk_1")
    assert not names(line(task_id="tsk_12"), "tsk_1")


@pytest.mark.parametrize(
    ("text", "answer"), [("usr_0a", True), ("a.b:c@d+e/f=", True), ("", False), ('a" "b', False)]
)
def test_an_id_has_nothing_that_a_search_reads_otherwise(text: str, *, answer: bool) -> None:
    assert is_id(text) is answer


def test_a_story_says_when_it_began_and_what_happened_when() -> None:
    text = render(
        "abc",
        [
            line(message="Task succeeded", task_id="tsk_1", attempt=1, elapsed_ms=20),
            line(message="Failed", level="ERROR", timestamp="2026-01-15T09:00:00.600Z"),
        ],
    )

    head, _, first, second = text.splitlines()
    assert head == "abc  2026-01-15 09:00:00.480 UTC  2 lines of 1 functions in 120 ms"
    assert " ".join(first.split()) == (
        "0 ms 20 ms message-queue RunTask Task succeeded task_id=tsk_1 attempt=1"
    )
    assert " ".join(second.split()) == "120 ms 0 ms message-queue RunTask ERROR Failed"


def test_a_story_has_neither_bodies_nor_what_only_looks_like_an_id() -> None:
    text = render(
        "abc",
        [
            line(
                body="secret",
                payload={"a": "secret"},
                exception="secret",
                signature="secret",
                request_id="secret",
                name="secret",
                status=["secret"],
                code="x" * 200,
            )
        ],
    )

    assert "secret" not in text
    assert f"code={'x' * 80}\n" in text + "\n"
