"""What functions print: JSON lines with the keys of their unit of work, and metrics."""

import json
from typing import Any

import pytest

from interchange import observability
from interchange.observability import bind, count, flush, logger


def printed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_line_has_the_keys_of_its_unit_of_work_and_none_of_the_last(
    capsys: pytest.CaptureFixture[str],
) -> None:
    observability.begin(correlation_id="first", task_id="tsk_1")
    logger.info("One")
    observability.begin(correlation_id="second")
    bind(job_id="job_1")
    logger.warning("Two", reason="because")

    one, two = printed(capsys)
    assert (one["level"], one["correlation_id"], one["task_id"]) == ("INFO", "first", "tsk_1")
    assert (two["level"], two["correlation_id"], two["job_id"]) == ("WARNING", "second", "job_1")
    assert two["reason"] == "because"
    assert "task_id" not in two


def test_an_exception_is_one_line_with_its_trace(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        int("no\nnumber")
    except ValueError:
        logger.exception("Failed")

    (line,) = printed(capsys)
    assert line["level"] == "ERROR"
    assert line["exception_name"] == "ValueError"
    assert line["exception"].startswith("Traceback")


def test_what_was_counted_is_one_line_in_the_embedded_metric_format(
    capsys: pytest.CaptureFixture[str],
) -> None:
    flush()  # what other tests have counted
    capsys.readouterr()
    count("TaskSucceeded")
    count("TaskSucceeded")
    count("RowImported", 500)

    flush()
    flush()

    (line,) = printed(capsys)
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert {each["Name"] for each in directive["Metrics"]} == {"TaskSucceeded", "RowImported"}
    assert directive["Dimensions"] == [["service"]]
    assert (line["TaskSucceeded"], line["RowImported"]) == (2, 500)


def test_a_line_says_how_long_its_unit_of_work_has_taken(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = iter([5_000, 5_012])
    monkeypatch.setattr(observability, "_now", lambda: next(moments))
    observability.begin()
    logger.info("One")

    (line,) = printed(capsys)
    assert line["elapsed_ms"] == 12
    assert line["timestamp"] == "1970-01-01T00:00:05.012Z"


def test_a_line_names_its_function_which_a_shared_log_group_does_not(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "app-GetUserFunction-1")
    logger.info("One")

    (line,) = printed(capsys)
    assert line["function"] == "app-GetUserFunction-1"


def test_an_error_counts_for_the_whole_stack_in_the_stacks_own_namespace(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("METRICS_NAMESPACE", "staging")
    logger.exception("Failed")

    (line,) = printed(capsys)
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert (directive["Namespace"], directive["Dimensions"]) == ("staging", [[]])
    assert directive["Metrics"] == [{"Name": "ErrorLogged", "Unit": "Count"}]
    assert line["ErrorLogged"] == 1
