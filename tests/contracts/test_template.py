"""House rules of template.yaml that no linter knows."""

import json
import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import pytest

from request_response import routes
from tests.architecture import (
    Function,
    Json,
    Resolver,
    functions,
    parameters,
    properties,
    resources,
    template,
)

PACES = sorted(template()["Mappings"]["Pace"])
QUEUES = properties("AWS::SQS::Queue")
QUEUE_POLICIES = list(properties("AWS::SQS::QueuePolicy").values())
TABLES = properties("AWS::DynamoDB::Table")
FOUR_DAYS = 345_600  # SQS's own retention where the template says none
# A monitor, a reader, a browser's preflight and a provider of webhooks have no key.
OPEN_ROUTES = {
    ("get", "/health"),
    ("get", "/docs"),
    ("get", "/openapi.json"),
    ("options", "/{proxy+}"),
    ("post", "/stripe/payment-success"),
    ("post", "/webhooks/{source}"),
}
# A physical name can be taken, and a resource that has one cannot be replaced.
NAMES = re.compile(r"(Table|Queue|Topic|Bucket|Function|Role|Alarm|Layer|Rule|Stack)Name|Name")
GATEWAY_RESPONSES = properties("AWS::Serverless::Api")["Api"]["GatewayResponses"]


def sources(type: str) -> list[tuple[str, Function, Json]]:
    """Give the event sources of one type, each with its function."""
    found = functions().values()
    return [(each.name, each, event) for each in found for event in each.events(type)]


def table(rows: list[Any]) -> Any:
    """Parametrise a test with rows whose first value names the case."""
    return [pytest.param(*row[1:], id=row[0]) for row in rows]


def queue_of(source: Json) -> str:
    """Name the queue that an event source reads."""
    return str(source["Queue"]["Fn::GetAtt"][0])


def dead_letter_queues() -> set[str]:
    redrives = [each["RedrivePolicy"] for each in QUEUES.values() if "RedrivePolicy" in each]
    return {each["deadLetterTargetArn"]["Fn::GetAtt"][0] for each in redrives}


def failure_queue(config: Json) -> str:
    destination = config["DestinationConfig"]["OnFailure"]
    assert destination["Type"] == "SQS"
    return str(destination["Destination"]["Fn::GetAtt"][0])


def statements() -> Iterator[tuple[str, Json]]:
    """Give every statement of every policy, each with the resource that has it."""
    for name, found in properties().items():
        documents = [found["PolicyDocument"]] if "PolicyDocument" in found else []
        for policy in [*documents, *found.get("Policies", [])]:
            assert isinstance(policy, dict), f"{name}: a managed policy has more than is needed"
            document = policy.get("PolicyDocument", policy)  # a role has it one level deeper
            yield from ((name, each) for each in document["Statement"])


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


STATEMENTS = list(statements())
QUEUE_SOURCES = sources("SQS")
STREAM_SOURCES = sources("DynamoDB")
ROUTES = sources("Api")


@pytest.mark.parametrize("pace", PACES)
@pytest.mark.parametrize(("function", "source"), table(QUEUE_SOURCES))
def test_a_queue_hides_a_message_for_six_times_its_workers_timeout(
    function: Function, source: Json, pace: str
) -> None:
    resolver = Resolver(parameters(Pace=pace), {})

    timeout = resolver.resolve(function.properties["Timeout"])
    visibility = resolver.resolve(QUEUES[queue_of(source)]["VisibilityTimeout"])

    assert int(visibility) == 6 * int(timeout)


@pytest.mark.parametrize(("function", "source"), table(QUEUE_SOURCES))
def test_a_worker_answers_for_each_message_and_its_concurrency_is_capped(
    function: Function, source: Json
) -> None:
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"], function.name
    assert source["ScalingConfig"]["MaximumConcurrency"] >= 2  # the least that AWS takes


@pytest.mark.parametrize(("function", "source"), table(QUEUE_SOURCES))
def test_a_worker_may_put_off_the_messages_of_its_queue(function: Function, source: Json) -> None:
    allowed = [each for name, each in STATEMENTS if name == function.name]

    assert any(
        each["Action"] == "sqs:ChangeMessageVisibility"
        and source["Queue"] in as_list(each["Resource"])
        for each in allowed
    )


def subscriptions() -> list[tuple[str, Json]]:
    """Give the subscriptions of queues, by name."""
    found = properties("AWS::SNS::Subscription").items()
    return [(name, each) for name, each in found if each["Protocol"] == "sqs"]


def subscriber_of(subscription: Json) -> tuple[Function, Json]:
    """Give the one function that reads a subscription's queue, and how."""
    queue = subscription["Endpoint"]["Fn::GetAtt"][0]
    ((_, function, source),) = (each for each in QUEUE_SOURCES if queue_of(each[2]) == queue)
    return function, source


@pytest.mark.parametrize("subscription", table(subscriptions()))
def test_a_subscriber_gets_what_it_asks_for_and_can_be_named_alone_by_a_replay(
    subscription: Json,
) -> None:
    function, _ = subscriber_of(subscription)
    name = function.module.rpartition(".")[2]

    assert subscription["RawMessageDelivery"] is True
    assert subscription["FilterPolicy"]["subscriber"] == [{"exists": False}, name]


@pytest.mark.parametrize("subscription", table(subscriptions()))
def test_an_event_that_kills_its_subscriber_takes_no_neighbour_along(subscription: Json) -> None:
    _, source = subscriber_of(subscription)

    assert source["BatchSize"] == 1


@pytest.mark.parametrize("source", functions()["RunTaskFunction"].events("SQS"), ids=queue_of)
def test_a_task_that_kills_its_worker_takes_no_neighbour_along(source: Json) -> None:
    assert source["BatchSize"] == 1


@pytest.mark.parametrize("subscription", table(subscriptions()))
def test_a_subscriber_can_open_claim_checks_and_its_queue_is_filled_by_its_topic_alone(
    subscription: Json,
) -> None:
    function, _ = subscriber_of(subscription)
    granted = [each for name, each in STATEMENTS if name == function.name]

    assert any(
        "s3:GetObject" in as_list(each["Action"])
        and each["Resource"] == {"Fn::Sub": "${PayloadsBucket.Arn}/events/*"}
        for each in granted
    )
    queue = {"Ref": subscription["Endpoint"]["Fn::GetAtt"][0]}
    (policy,) = (each for each in QUEUE_POLICIES if queue in each["Queues"])
    (filled,) = (
        each for each in policy["PolicyDocument"]["Statement"] if each["Effect"] == "Allow"
    )
    assert filled["Action"] == "sqs:SendMessage"
    assert filled["Condition"] == {"ArnEquals": {"aws:SourceArn": subscription["TopicArn"]}}


@pytest.mark.parametrize(("function", "source"), table(QUEUE_SOURCES))
def test_a_workers_queue_has_a_dead_letter_queue_that_keeps_longer(
    function: Function, source: Json
) -> None:
    queue = QUEUES[queue_of(source)]
    redrive = queue["RedrivePolicy"]
    dead = QUEUES[redrive["deadLetterTargetArn"]["Fn::GetAtt"][0]]

    for pace in PACES:
        receives = Resolver(parameters(Pace=pace), {}).resolve(redrive["maxReceiveCount"])
        assert int(receives) >= 5, function.name  # AWS's advice for Lambda
    kept = queue.get("MessageRetentionPeriod", FOUR_DAYS)
    assert dead["MessageRetentionPeriod"] > kept


@pytest.mark.parametrize(("function", "source"), table(STREAM_SOURCES))
def test_a_stream_narrows_a_failure_down_and_tells_a_queue(
    function: Function, source: Json
) -> None:
    assert source["BisectBatchOnFunctionError"] is True, function.name
    assert failure_queue(source) in QUEUES


@pytest.mark.parametrize(("function", "source"), table(STREAM_SOURCES))
def test_a_stream_passes_a_record_that_cannot_be_carried_before_it_is_a_day_old(
    function: Function, source: Json
) -> None:
    """Without a limit, AWS tries until the record expires, and nothing behind it moves."""
    limits = {"MaximumRetryAttempts", "MaximumRecordAgeInSeconds"}

    assert source.keys() & limits, function.name


@pytest.mark.parametrize(("function", "source"), table(STREAM_SOURCES))
def test_a_stream_that_is_read_is_one_that_its_table_writes(
    function: Function, source: Json
) -> None:
    owner, attribute = source["Stream"]["Fn::GetAtt"]

    assert attribute == "StreamArn", function.name
    assert TABLES[owner]["StreamSpecification"]["StreamViewType"] == "NEW_AND_OLD_IMAGES"
    assert source["StartingPosition"] == "TRIM_HORIZON"
    assert all(json.loads(each["Pattern"]) for each in source["FilterCriteria"]["Filters"])


@pytest.mark.parametrize(("function", "source"), table(sources("S3")))
def test_an_asynchronous_function_tells_a_queue_of_its_failures(
    function: Function, source: Json
) -> None:
    config = function.properties["EventInvokeConfig"]

    assert failure_queue(config) in QUEUES
    assert config["MaximumRetryAttempts"] >= 1
    rules = source["Filter"]["S3Key"]["Rules"]
    assert {each["Name"]: each["Value"] for each in rules} == {"prefix": "imports/"}


@pytest.mark.parametrize("queue", sorted(dead_letter_queues() | {"FailuresQueue"}))
def test_an_alarm_goes_off_for_the_first_message_in_a_queue_for_people(queue: str) -> None:
    dimension = {"Name": "QueueName", "Value": {"Fn::GetAtt": [queue, "QueueName"]}}
    alarms = properties("AWS::CloudWatch::Alarm").values()
    (alarm,) = (each for each in alarms if each.get("Dimensions") == [dimension])

    assert alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
    assert alarm["Namespace"] == "AWS/SQS"
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanThreshold", 0)
    assert alarm["AlarmActions"] == [{"Ref": "AlarmsTopic"}]


@pytest.mark.parametrize("queue", sorted(dead_letter_queues() | {"FailuresQueue"}))
def test_a_queue_for_people_keeps_messages_for_as_long_as_sqs_can(queue: str) -> None:
    assert QUEUES[queue]["MessageRetentionPeriod"] == 14 * 24 * 3600


@pytest.mark.parametrize(("function", "route"), table(ROUTES))
def test_a_route_needs_a_key_unless_its_caller_can_have_none(
    function: Function, route: Json
) -> None:
    key_required = route.get("Auth", {}).get("ApiKeyRequired", True)

    assert key_required == ((route["Method"], route["Path"]) not in OPEN_ROUTES), function.name


def test_the_api_requires_keys_by_default_and_takes_bytes_as_sent() -> None:
    api = properties("AWS::Serverless::Api")["Api"]

    assert api["Auth"] == {"ApiKeyRequired": True}
    assert api["BinaryMediaTypes"] == ["*~1*"]


def test_no_two_functions_have_the_same_route() -> None:
    found = [(route["Method"], route["Path"]) for _, _, route in ROUTES]

    assert len(set(found)) == len(found)
    assert all(method != "any" for method, _ in found)


def test_the_code_knows_every_route_to_tell_404_from_405() -> None:
    methods: dict[str, set[str]] = {}
    for _, _, route in ROUTES:
        methods.setdefault(route["Path"], set()).add(route["Method"].upper())
    del methods["/{proxy+}"]

    assert {path: set(known) for path, known in routes.ROUTES.items()} == methods


@pytest.mark.parametrize("kind", GATEWAY_RESPONSES)
def test_the_gateway_itself_refuses_with_problem_details(kind: str) -> None:
    response = GATEWAY_RESPONSES[kind]
    text = response["ResponseTemplates"]["application/json"]
    body = json.loads(re.sub(r"\$context\.\w+", "request-1", text))
    status = HTTPStatus(response["StatusCode"])

    assert body["status"] == status
    assert body["title"] == status.phrase
    assert body["type"] == f"urn:interchange:problem:{body['code']}"
    assert body["instance"] == f"urn:uuid:{body['request_id']}" == "urn:uuid:request-1"
    assert isinstance(body["retryable"], bool)
    assert body["detail"].endswith(".")


@pytest.mark.parametrize("kind", GATEWAY_RESPONSES)
def test_the_gateways_refusals_have_the_headers_of_ours(kind: str) -> None:
    headers = GATEWAY_RESPONSES[kind]["ResponseParameters"]["Headers"]

    assert headers["Content-Type"] == "'application/problem+json'"
    assert headers["X-Request-Id"] == "context.requestId"
    assert ("Retry-After" in headers) == (GATEWAY_RESPONSES[kind]["StatusCode"] == 429)


def test_nothing_has_a_physical_name() -> None:
    named = {
        name: found.keys() & {each for each in found if NAMES.fullmatch(each)}
        for name, found in properties().items()
    }

    assert {name: keys for name, keys in named.items() if keys} == {}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_can_be_restored_and_costs_nothing_when_idle(name: str) -> None:
    recovery = TABLES[name]["PointInTimeRecoverySpecification"]

    assert recovery == {"PointInTimeRecoveryEnabled": True}
    assert TABLES[name]["BillingMode"] == "PAY_PER_REQUEST"


@pytest.mark.parametrize("name", resources("AWS::Serverless::Function"))
def test_a_function_says_what_it_is_for(name: str) -> None:
    description = functions()[name].properties["Description"]

    assert re.fullmatch(r"[A-Z][^.]*(\.[a-z][^.]*)*\.", description)
