import json
import time

import pytest

from local import logs
from local.logs import is_error, line

GROUP = "/aws/lambda/interchange-RunTaskFunction-E0D8AD1CF6B02"
AT = 1_800_000_000_000
CLOCK = time.strftime("%H:%M:%S", time.localtime(AT / 1000))


def event(message: str) -> dict[str, object]:
    return {"timestamp": AT, "group": GROUP, "message": message}


def test_a_line_says_when_who_how_grave_what_and_for_which_request() -> None:
    entry = {"level": "INFO", "message": "Task succeeded", "correlation_id": "abc", "service": "x"}
    shown = line(event(json.dumps(entry)))
    assert shown == f"{CLOCK} RunTask            INFO    Task succeeded  abc"


def test_a_line_that_is_not_json_is_shown_as_it_is() -> None:
    assert line(event("Traceback (…):\n")) == f"{CLOCK} RunTask            Traceback (…):"


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ('{"level": "ERROR", "message": "Failed"}', True),
        ('{"level": "WARNING", "message": "Refused"}', False),
        ("KeyError: 'id'", True),
    ],
)
def test_errors_are_told_from_the_rest(message: str, *, expected: bool) -> None:
    assert is_error(message) is expected


class ShortAnswers:
    """Logs of ten lines, two a millisecond, of which an answer has four."""

    lines = tuple(
        {"timestamp": AT + number // 2, "logStreamName": str(number), "message": "line"}
        for number in range(10)
    )

    def filter_log_events(self, *, logGroupName: str, startTime: int) -> dict[str, object]:  # noqa: N803 - boto3's
        assert logGroupName == GROUP
        return {"events": [each for each in self.lines if each["timestamp"] >= startTime][:4]}  # type: ignore[operator]


def test_all_lines_are_read_however_few_an_answer_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "MOST_LINES", 4)

    found = logs.lines_since(ShortAnswers(), GROUP, AT)

    assert [each["logStreamName"] for each in found] == [str(number) for number in range(10)]
