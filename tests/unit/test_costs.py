"""What a million operations cost: each unit at its price, and nothing that has none."""

import json

import pytest

from benchmarks import costs, guide, invocations, latency, recorder, template, usage
from benchmarks.invocations import Invoked
from benchmarks.operations import Operation
from tests import architecture

PRICES = {
    "lambda.requests": {"service": "Lambda", "usd": 0.2, "per": 1_000_000},
    "lambda.gb_seconds": {"service": "Lambda", "usd": 0.00001, "per": 1},
    "api_gateway.requests": {"service": "API Gateway", "usd": 3.5, "per": 1_000_000},
    "sqs.requests": {"service": "SQS", "usd": 0.4, "per": 1_000_000},
    "logs.gigabytes": {"service": "CloudWatch Logs", "usd": 0.5, "per": 1},
    "xray.traces": {"service": "X-Ray", "usd": 5, "per": 1_000_000},
    "s3.puts": {"service": "S3", "usd": 0.005, "per": 1000},
}
USAGE = {
    "requests": 1,
    "functions": {
        "EnqueueTask": {"invocations": 1, "billed_ms": 20, "log_bytes": 1000},
        "RunTask": {"invocations": 1, "billed_ms": 40, "log_bytes": 1000},
    },
    "calls": {"s3.puts": 2, "sqs.others": 1, "unbilled.secretsmanager.GetSecretValue": 0.1},
}


def test_each_unit_is_billed_at_its_price() -> None:
    # 60 ms of 512 MB are 0.03 GB-seconds; one message is three requests, and one call more.
    assert costs.bill(costs.quantities(USAGE), PRICES) == pytest.approx(
        {
            "Lambda": 2 * 0.2 + 0.03 * 10,
            "API Gateway": 3.5,
            "SQS": 4 * 0.4,
            "CloudWatch Logs": 1.0,
            "X-Ray": 2 * 0.05 * 5,
            "S3": 10.0,
        }
    )


def test_slower_functions_cost_more_time_and_nothing_else() -> None:
    usual, slower = costs.quantities(USAGE), costs.quantities(USAGE, slower=3)
    assert slower.pop("lambda.gb_seconds") == pytest.approx(3 * usual.pop("lambda.gb_seconds"))
    assert slower == usual


def test_a_unit_without_a_price_is_not_taken_for_free() -> None:
    with pytest.raises(KeyError, match=r"s3\.gets"):
        costs.bill({"s3.gets": 1}, PRICES)


def test_memory_is_the_templates(monkeypatch: pytest.MonkeyPatch) -> None:
    common = architecture.template()["Globals"]["Function"]["MemorySize"]
    assert template.memory_gb("RunTask") == common / 1024
    own = {"Properties": {"MemorySize": 2048}}
    there = {"Globals": template.read()["Globals"], "Resources": {"OwnFunction": own}}
    monkeypatch.setattr(template, "read", lambda: there)
    assert template.memory_gb("Own") == 2


def test_messages_are_those_of_functions_that_sqs_invokes() -> None:
    invoked = {"invocations": 1.0}
    assert costs.messages(dict.fromkeys(("RunTask", "LogEvent"), invoked)) == 2
    assert costs.messages(dict.fromkeys(("EnqueueTask", "DispatchTasks"), invoked)) == 0


def test_every_price_says_where_it_is_from() -> None:
    for name, price in costs.prices().items():
        assert price["usd"] > 0, name
        assert price["page"].startswith("https://aws.amazon.com/"), name
        assert price["read"], name


def test_the_tables_have_a_row_for_each_operation() -> None:
    rows = list(costs.lines({"A task": USAGE}, PRICES))
    assert [row for row in rows if row.startswith("| A task |")] == [
        "| A task | 17.30 | 0.00 | 17.90 |",
        "| A task | 58 | 20 | 9 | 6 | 4 | 3 |",
        "| A task | 2 | 60 | 4 | 0 | 0 | 0 | 2,000 |",
    ]


def test_an_invocation_is_read_from_its_report() -> None:
    group = "/aws/lambda/interchange-RunTaskFunction-AbC12"
    report = "REPORT RequestId: 1\tDuration: 12 ms\tBilled Duration: 13 ms\tMemory Size: 512 MB"
    events = [{"group": group, "message": each} for each in ("START RequestId: 1", report)]
    size = len("START RequestId: 1") + len(report) + 2 * 26
    assert invocations.counted(events) == {"RunTask": Invoked(1, 13, size)}


def test_a_round_with_a_cold_start_is_outvoted() -> None:
    rounds = [{"RunTask": Invoked(1, billed, 100)} for billed in (20, 500, 22)]
    found = usage.medians(rounds)
    assert found == {"RunTask": {"invocations": 1, "billed_ms": 22, "log_bytes": 100}}


@pytest.mark.parametrize(
    ("service", "operation", "body", "answer", "expected"),
    [
        ("dynamodb", "GetItem", b"", {"ConsumedCapacity": {"CapacityUnits": 0.5}}, ("read", 0.5)),
        ("dynamodb", "PutItem", b"", {"ConsumedCapacity": {"CapacityUnits": 3}}, ("write", 3)),
        (
            "dynamodb",
            "TransactWriteItems",
            b"",
            {"ConsumedCapacity": [{"CapacityUnits": 4}, {"CapacityUnits": 2}]},
            ("write", 6),
        ),
    ],
)
def test_dynamodb_says_what_it_consumes(
    service: str, operation: str, body: bytes, answer: object, expected: tuple[str, float]
) -> None:
    kind, number = expected
    found = recorder.units_of(service, operation, body, json.dumps(answer).encode(), 200)
    assert list(found) == [(f"dynamodb.{kind}_units", number)]


@pytest.mark.parametrize(
    ("service", "operation", "body", "expected"),
    [
        ("dynamodb", "PutItem", b"", ("dynamodb.write_units", 1)),  # refused, and billed
        ("sns", "POST", b"x" * 65_537, ("sns.publishes", 2)),
        ("sqs", "SendMessageBatch", b'{"MessageGroupId": "a"}', ("sqs.fair", 1)),
        ("sqs", "ChangeMessageVisibility", b"", ("sqs.others", 1)),
        ("s3", "PUT", b"", ("s3.puts", 1)),
        ("s3", "HEAD", b"", ("s3.gets", 1)),
        ("s3", "DELETE", b"", ("unbilled.s3.DELETE", 1)),
        ("ses", "POST", b"", ("ses.emails", 1)),
        ("secretsmanager", "GetSecretValue", b"", ("unbilled.secretsmanager.GetSecretValue", 1)),
    ],
)
def test_a_call_is_counted_as_it_is_billed(
    service: str, operation: str, body: bytes, expected: tuple[str, float]
) -> None:
    assert list(recorder.units_of(service, operation, body, b"", 400)) == [expected]


def test_the_service_is_in_the_signatures_scope() -> None:
    signed = "AWS4-HMAC-SHA256 Credential=AKIA/20260115/us-east-1/sqs/aws4_request, Signature=1"
    assert recorder.service_of(signed) == "sqs"


def test_latencies_are_medians_and_tails_in_milliseconds() -> None:
    operation = Operation("A", "done", lambda _: lambda: True)
    found = latency.figures(operation, [(n / 1000, 2 * n / 1000) for n in range(1, 102)])
    assert found["answer"] == {"median_ms": 51, "p99_ms": 100}
    assert found["done"] == {"median_ms": 102, "p99_ms": 200}


def test_a_table_replaces_what_stood_in_its_place() -> None:
    text = "a\n<!-- units -->\nold\n<!-- end of units -->\nb\n"
    once = guide.filled(text, {"units": "| new |"})
    assert once == "a\n<!-- units -->\n| new |\n<!-- end of units -->\nb\n"
    assert guide.filled(once, {"units": "| new |"}) == once
    with pytest.raises(ValueError, match="0 places for totals"):
        guide.filled(text, {"totals": ""})
