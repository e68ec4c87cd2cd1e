"""Stories by any id that the logs name, from wherever the functions write them."""

import json
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local import trace
from local.cloud import LocalCloudError
from local.log_search import Logs, log_groups
from local.stack import running
from local.trace import stories, told


class FakeLogs:
    """Log groups that answer phrases as CloudWatch Logs does."""

    def __init__(self, groups: dict[str, list[str]]) -> None:
        self.groups = groups

    def get_paginator(self, operation: str) -> "FakeLogs":
        assert operation == "filter_log_events"
        return self

    def paginate(self, **asked: Any) -> Iterator[dict[str, Any]]:
        if asked["logGroupName"] not in self.groups:
            error: Any = {"Error": {"Code": "ResourceNotFoundException", "Message": "no group"}}
            raise ClientError(error, "FilterLogEvents")
        word = asked["filterPattern"].strip('"')
        found = [each for each in self.groups[asked["logGroupName"]] if word in each]
        yield from ({"events": [{"message": each}]} for each in found)


class FakePages:
    """An operation that answers in pages."""

    def __init__(self, *pages: dict[str, Any]) -> None:
        self.pages = pages

    def get_paginator(self, _: str) -> "FakePages":
        return self

    def paginate(self, **_: Any) -> tuple[dict[str, Any], ...]:
        return self.pages


def line(correlation_id: str | None, **entry: Any) -> str:
    shared = {"level": "INFO", "message": "Done", "timestamp": "2026-01-15T09:00:00.500Z"}
    return json.dumps(shared | {"elapsed_ms": 0, "correlation_id": correlation_id} | entry)


def logs(**groups: list[str]) -> Logs:
    return Logs(FakeLogs(groups), frozenset({*groups, "of-a-function-that-never-ran"}))


def test_any_id_leads_to_the_whole_story_and_to_no_other() -> None:
    where = logs(
        users=[line("c1", made="usr_1"), line("c2", made="usr_2")],
        tasks=[line("c1", task_id="tsk_1"), line("c10", task_id="tsk_10")],
    )

    for id in ("c1", "usr_1", "tsk_1"):
        found = stories(id, where)
        assert list(found) == ["c1"]
        assert len(found["c1"]) == 2


def test_an_id_that_two_requests_touched_has_both_stories_in_order() -> None:
    deleted = line("c2", id="usr_1", timestamp="2026-01-15T10:00:00.000Z")

    assert list(stories("usr_1", logs(users=[deleted, line("c1", made="usr_1")]))) == ["c1", "c2"]


def test_a_line_without_a_correlation_id_is_told_alone() -> None:
    where = logs(reports=[line(None, report_id="rep_1"), line(None, report_id="rep_2")])

    assert told("rep_1", where).count("report_id=") == 1


@pytest.mark.parametrize("id", ["nobody", "", 'a" "b'])
def test_an_id_that_is_in_no_line_is_one_clear_sentence(id: str) -> None:
    with pytest.raises(LocalCloudError) as refused:
        told(id, logs(users=[line("c1", made="usr_1")]))

    assert "\n" not in str(refused.value)


def test_without_a_cloud_the_command_says_so_and_fails(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["trace", "c1"])
    monkeypatch.setattr(trace, "running", partial(running, tmp_path / "stack.json"))

    assert trace.main() == 1

    printed = capsys.readouterr()
    assert (printed.out, printed.err.count("\n")) == ("", 1)
    assert "make run" in printed.err


def test_a_service_that_refuses_is_not_taken_for_silence() -> None:
    class Refusing(FakeLogs):
        def paginate(self, **_: Any) -> Iterator[dict[str, Any]]:
            error: Any = {"Error": {"Code": "AccessDeniedException", "Message": "no"}}
            raise ClientError(error, "FilterLogEvents")

    with pytest.raises(ClientError, match="AccessDenied"):
        stories("c1", Logs(Refusing({}), frozenset({"users"})))


def test_the_groups_are_those_that_the_stacks_functions_write_to() -> None:
    resources = [
        {"ResourceType": "AWS::Lambda::Function", "PhysicalResourceId": "app-A-1"},
        {"ResourceType": "AWS::Lambda::Function", "PhysicalResourceId": "app-B-2"},
        {"ResourceType": "AWS::SQS::Queue", "PhysicalResourceId": "others"},
    ]
    functions = [
        {"FunctionName": "app-A-1", "LoggingConfig": {"LogGroup": "shared"}},
        {"FunctionName": "app-B-2"},
        {"FunctionName": "others"},
    ]
    summaries = FakePages(*({"StackResourceSummaries": [each]} for each in resources))
    listed = FakePages(*({"Functions": [each]} for each in functions))

    assert log_groups(summaries, listed, stack_name="app") == {"shared", "/aws/lambda/app-B-2"}
