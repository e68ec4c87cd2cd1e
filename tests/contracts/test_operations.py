"""What is watched is what there is: dashboard, alarms and runbook agree with the code."""

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from interchange import http
from interchange.observability import logger
from tests.architecture import REGION, ROOT, Json, functions, properties
from tests.aws_events import request

ALARMS = properties("AWS::CloudWatch::Alarm")
BODY: str = properties("AWS::CloudWatch::Dashboard")["OperationsDashboard"]["DashboardBody"][
    "Fn::Sub"
]
OURS = "${AWS::StackName}"
WRITERS = {"count": 0, "measure": 0, "measure_stack": 0, "ended": 1}  # where each takes the name
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/aws-services-cloudwatch-metrics.html
OF_AWS = {
    ("AWS/ApiGateway", ("ApiName", "Stage")): {"Count", "4XXError", "5XXError", "Latency"},
    ("AWS/Lambda", ()): {"Throttles", "ConcurrentExecutions"},
    ("AWS/Lambda", ("FunctionName",)): {"IteratorAge"},
    ("AWS/SQS", ("QueueName",)): {
        "ApproximateAgeOfOldestMessage",
        "ApproximateNumberOfMessagesVisible",
    },
}

every_alarm = pytest.mark.parametrize("name", ALARMS)


def widgets(type: str) -> list[Json]:
    """Give the properties of the dashboard's widgets of one type."""
    found = json.loads(BODY)["widgets"]
    return [each["properties"] for each in found if each["type"] == type]


def metrics() -> Iterator[list[str]]:
    """Give every metric of the dashboard in full: namespace, name, dimensions by name and value."""
    for widget in widgets("metric"):
        before: list[str] = []
        for row in widget["metrics"]:
            words = [each for each in row if isinstance(each, str)]
            if words:
                before = spelt_out(words, before)
                yield before


def spelt_out(words: list[str], before: list[str]) -> list[str]:
    """Undo CloudWatch's shorthand: `.` is the word above, `...` all of them but those that follow.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
    """
    if words[0] == "...":
        return [*before[: len(before) - len(words) + 1], *words[1:]]
    return [before[i] if word == "." else word for i, word in enumerate(words)]


def searched() -> list[str]:
    """Name the metrics that the dashboard finds by a search, over all types of tasks."""
    schema = re.escape(f'{{"{OURS}",service,type}}')
    found = []
    for text in re.findall(r"SEARCH\([^)]*\)", BODY.replace('\\"', '"')):
        matched = re.fullmatch(rf"SEARCH\('{schema} MetricName=\"(\w+)\"', '\w+'\)", text)
        assert matched, text
        found.append(matched[1])
    return found


@cache
def written(folder: Path) -> frozenset[str]:
    """Give what the code below a folder counts or measures; what is built, as a pattern."""
    calls = (
        node
        for file in folder.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_bytes()))
        if isinstance(node, ast.Call)
    )
    return frozenset(name for call in calls for name in names_of(call))


def names_of(call: ast.Call) -> Iterator[str]:
    """Give the names that a call writes, if it writes any."""
    called = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    place = WRITERS.get(called)
    if place is not None and len(call.args) > place:
        for node in branches(call.args[place]):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value
            elif isinstance(node, ast.JoinedStr):
                yield "".join(
                    str(each.value) if isinstance(each, ast.Constant) else "[A-Z][A-Za-z]+"
                    for each in node.values
                )


def branches(node: ast.expr) -> list[ast.expr]:
    return [node.body, node.orelse] if isinstance(node, ast.IfExp) else [node]


@cache
def layers_names() -> frozenset[str]:
    return written(ROOT / "layers/interchange/interchange")


def is_written(name: str, service: str) -> bool:
    """Tell whether a pattern's functions write a metric, themselves or by the layer."""
    own = written(ROOT / "functions" / service.replace("-", "_"))
    return any(re.fullmatch(each, name) for each in own | layers_names())


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str]) -> set[tuple[str, tuple[str, ...]]]:
    """What the edge itself writes of requests and errors, each with its dimensions."""
    for status in (HTTPStatus.OK, HTTPStatus.NOT_FOUND, HTTPStatus.SERVICE_UNAVAILABLE):
        http.endpoint(lambda *_, status=status: http.response(status))(request(), None)
    logger.exception("Failed")
    lines = [json.loads(each) for each in capsys.readouterr().out.splitlines()]
    directives = [each["_aws"]["CloudWatchMetrics"][0] for each in lines if "_aws" in each]
    return {
        (metric["Name"], tuple(each["Dimensions"][0]))
        for each in directives
        for metric in each["Metrics"]
    }


def there_is(metric: list[str], printed: set[tuple[str, tuple[str, ...]]]) -> bool:
    """Tell whether somebody writes a metric under these very dimensions."""
    namespace, name, *rest = metric
    dimensions, values = tuple(rest[::2]), rest[1::2]
    if namespace != OURS:
        return name in OF_AWS.get((namespace, dimensions), set())
    if (name, dimensions) in printed:
        return True
    if not dimensions:
        return name in layers_names()
    return dimensions == ("service",) and is_written(name, values[0])


def test_the_dashboard_shows_only_metrics_that_somebody_writes(
    printed: set[tuple[str, tuple[str, ...]]],
) -> None:
    assert [each for each in metrics() if not there_is(each, printed)] == []
    assert [each for each in searched() if not is_written(each, "message-queue")] == []


@every_alarm
def test_an_alarm_watches_a_metric_that_somebody_writes(
    name: str, printed: set[tuple[str, tuple[str, ...]]]
) -> None:
    alarm = ALARMS[name]
    dimensions = [(each["Name"], str(each["Value"])) for each in alarm.get("Dimensions", [])]
    namespace = OURS if isinstance(alarm["Namespace"], dict) else alarm["Namespace"]
    words = [namespace, alarm["MetricName"], *(word for each in dimensions for word in each)]

    assert there_is(words, printed)


def test_what_is_built_from_a_code_or_a_class_has_one_that_there_is() -> None:
    code = "".join(
        file.read_text("utf-8") for each in ("functions", "layers") for file in files(each)
    )
    built = [each[1] for each in metrics() if re.match("AttemptFailedBy|WebhookRefused.", each[1])]

    for name in built:
        words = re.sub("AttemptFailedBy|WebhookRefused", "", name)
        kind = re.sub("(?<!^)(?=[A-Z])", "_", words).lower()
        assert f'"{kind}"' in code, name


def files(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def test_the_dashboard_has_every_alarm_first_and_once() -> None:
    (alarms,) = widgets("alarm")

    assert json.loads(BODY)["widgets"][0]["type"] == "alarm"
    assert sorted(alarms["alarms"]) == sorted(f"${{{name}.Arn}}" for name in ALARMS)


def test_the_dashboard_has_every_pattern_queue_and_stream() -> None:
    shown: dict[str, list[str]] = {}
    for _, name, *rest in metrics():
        shown.setdefault(name, []).extend(rest[-1:])

    services = sorted({each.variables["SERVICE"] for each in functions().values()})
    read = [e["Queue"]["Fn::GetAtt"][0] for f in functions().values() for e in f.events("SQS")]
    carriers = [name for name, each in functions().items() if each.events("DynamoDB")]
    assert sorted(set(shown["RequestMillis"])) == services
    for each in ("ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"):
        assert sorted(shown[each]) == sorted(f"${{{queue}.QueueName}}" for queue in read)
    assert sorted(shown["IteratorAge"]) == sorted(f"${{{name}}}" for name in carriers)


def test_the_dashboard_has_no_name_and_no_region_of_its_own() -> None:
    values = [rest[i] for _, _, *rest in metrics() for i in range(1, len(rest), 2)]
    services = {each.variables["SERVICE"] for each in functions().values()}

    assert all(each in services or each.startswith("${") for each in values)
    assert {each["region"] for each in widgets("metric")} == {"${AWS::Region}"}
    assert REGION not in BODY


@every_alarm
def test_an_alarm_tells_somebody_and_takes_silence_for_peace(name: str) -> None:
    alarm = ALARMS[name]

    assert alarm["AlarmActions"] == [{"Ref": "AlarmsTopic"}]
    assert alarm["TreatMissingData"] == "notBreaching"
    assert re.fullmatch(r"[A-Z].*\.", alarm["AlarmDescription"])


def runbook() -> dict[str, list[str]]:
    """Read the table of alarms: what each means, where to look, what to do."""
    text = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    section = text.partition("\n## Alarms\n")[2].partition("\n## ")[0]
    rows: dict[str, list[str]] = {}
    for line in section.splitlines():
        if line.startswith("| ") and not line.startswith("| Alarm |"):
            names, *cells = (each.strip() for each in line.strip("|").split("|"))
            rows |= dict.fromkeys(names.split(", "), cells)
    return rows


def test_every_alarm_has_its_row_in_the_runbook_and_every_row_its_alarm() -> None:
    assert runbook().keys() == {name.removesuffix("Alarm") for name in ALARMS}


@every_alarm
def test_a_row_of_the_runbook_says_what_it_means_where_to_look_and_what_to_do(name: str) -> None:
    cells: list[Any] = runbook()[name.removesuffix("Alarm")]

    assert len(cells) == 3
    assert all(cells)
