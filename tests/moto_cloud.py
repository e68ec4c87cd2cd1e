"""The template's tables, queues and the rest in moto, for handlers to run against."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from moto import mock_aws
from moto.dynamodb.models import dynamodb_backends
from moto.s3.models import s3_backends
from moto.sqs.models import sqs_backends

from interchange import aws
from message_queue.steering import pauses
from tests import aws_events
from tests.architecture import (
    ACCOUNT,
    REGION,
    Function,
    Json,
    Resolver,
    parameters,
    properties,
    resources,
)
from tests.architecture import functions as every_function

# Names are the same in every test: settings, once read, stay right.
_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": REGION,
    "MOTO_SQS_ENFORCE_STRICT_QUEUE_PURGE_BEHAVIOUR": "false",  # between tests there is no minute
}


@dataclass(frozen=True)
class Context:
    """What Lambda says of an invocation, as far as the functions ask."""

    remaining_millis: int = 10_000

    def get_remaining_time_in_millis(self) -> int:
        """Give the time that is left."""
        return self.remaining_millis


_CONTEXT = Context()


@dataclass(frozen=True)
class Cloud:
    """A deployed template, less what only AWS can run."""

    resolver: Resolver

    def name(self, logical: str) -> str:
        """Give what `!Ref` gives: a table's name, a queue's URL, a topic's ARN."""
        return self.resolver.names[logical]

    def environment(self, function: Function) -> dict[str, str]:
        """Give a function's environment as the template says it, and its credentials."""
        found: dict[str, str] = self.resolver.resolve(function.variables)
        return found | _ENVIRONMENT

    def invoke(
        self, name: str, event: Json, *, context: Context = _CONTEXT, **variables: str
    ) -> Any:
        """Run a function with its own environment and nothing else; `variables` replace its own."""
        function = every_function()[name]
        event = json.loads(json.dumps(event))
        with _environ(self.environment(function) | variables), _settings_of(function, variables):
            return function.handler(event, context)

    def carry(self, name: str, table: str, rows: list[Json] | None = None, **change: Any) -> Json:
        """Run a function with the changes of its table that its filter lets through, if any do."""
        found = properties("AWS::DynamoDB::Table")[table]
        keys = [each["AttributeName"] for each in found["KeySchema"]]
        event = aws_events.stream(self.rows(table) if rows is None else rows, keys=keys, **change)
        (source,) = every_function()[name].events("DynamoDB")
        assert source["Stream"] == {"Fn::GetAtt": [table, "StreamArn"]}
        return self.pass_on(name, event["Records"])

    def pass_on(self, name: str, records: list[Json]) -> Json:
        """Run a function with the records that its filter lets through, if any do."""
        (source,) = every_function()[name].events("DynamoDB")
        filters = [json.loads(each["Pattern"]) for each in source["FilterCriteria"]["Filters"]]
        passed = [each for each in records if any(_passes(each, one) for one in filters)]
        if passed:
            self.invoke(name, {"Records": passed})
        return {"Records": passed}

    def deliver(self, name: str, queue: str) -> Json:
        """Run a function with what waits in its queue; what it does not name as failed is gone."""
        sources = [source["Queue"] for source in every_function()[name].events("SQS")]
        assert {"Fn::GetAtt": [queue, "Arn"]} in sources
        bodies = [each["Body"] for each in self.messages(queue)]
        result: Json = self.invoke(name, aws_events.queue(*bodies))
        return result

    @property
    def tables(self) -> list[str]:
        """Name every table."""
        return list(properties("AWS::DynamoDB::Table"))

    @property
    def queues(self) -> list[str]:
        """Name every queue."""
        return list(properties("AWS::SQS::Queue"))

    def waiting(self, queue: str) -> int:
        """Count the messages in a queue, those that are held back included."""
        url, counts = self.name(queue), ("", "Delayed", "NotVisible")
        names: Any = [f"ApproximateNumberOfMessages{each}" for each in counts]
        found = aws.sqs().get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return sum(map(int, found.values()))

    def rows(self, table: str) -> list[Json]:
        """Read all of a table's rows, in DynamoDB's typed form."""
        return aws.dynamodb().scan(TableName=self.name(table))["Items"]

    def images(self, table: str) -> list[Json]:
        """Read the same past the API, whose answers moto takes long to write."""
        items: Any = dynamodb_backends[ACCOUNT][REGION].tables[self.name(table)].items
        return [
            {name: _typed(value) for name, value in item.attrs.items()}
            for each in items.values()  # by range key, where the table has one
            for item in (each.values() if isinstance(each, dict) else [each])
        ]

    def messages(self, queue: str) -> list[Json]:
        """Take what waits in a queue, attributes included; they stay hidden from then on."""
        found: list[Json] = []
        while (
            batch := aws.sqs()
            .receive_message(
                QueueUrl=self.name(queue),
                MaxNumberOfMessages=10,
                MessageAttributeNames=["All"],
                AttributeNames=["All"],
            )
            .get("Messages")
        ):
            found += batch  # type: ignore[arg-type]  # a TypedDict is a dict
        return found

    def clear(self) -> None:
        """Empty all that holds data, past the API: fifty calls a test would be most of its time."""
        for table in dynamodb_backends[ACCOUNT][REGION].tables.values():
            table.items.clear()
        for queue in sqs_backends[ACCOUNT][REGION].queues.values():
            queue._messages.clear()
            queue._pending_messages.clear()
        for bucket in s3_backends[ACCOUNT]["aws"].buckets.values():
            bucket.keys.clear()
        pauses.forget()


def _typed(value: Any) -> Json:
    """Write moto's own value as the API does."""
    match value.type:
        case "M":
            return {"M": {name: _typed(each) for name, each in value.value.items()}}
        case "L":
            return {"L": [_typed(each) for each in value.value]}
    found: Json = value.to_json()
    return found


@contextmanager
def deployed() -> Iterator[Cloud]:
    """Deploy the template to moto for as long as the block lasts."""
    cloud = Cloud(Resolver(parameters(), _names()))
    with mock_aws():
        with _environ(_ENVIRONMENT):
            _make_clients()
            for type, make in _MAKERS.items():
                for name, found in _in_order(type):
                    make(name, cloud.resolver.resolve(found))
            sender = cloud.resolver.parameters["SenderAddress"]
            aws.sesv2().create_email_identity(EmailIdentity=sender)
        yield cloud
    _forget_clients()


def _make_clients() -> None:
    _forget_clients()
    services = (aws.dynamodb, aws.s3, aws.scheduler, aws.secretsmanager, aws.sesv2)
    for make in (*services, aws.sns, aws.sqs):
        make()
    aws.dynamodb().meta.events.register("provide-client-params.dynamodb", _on_one_line)  # type: ignore[arg-type]  # a hook may answer, the stubs do not know


def _on_one_line(params: Json, **_: Any) -> Json:
    """Help moto, which reads no condition that begins with a line break."""
    condition = params.get("ConditionExpression")
    return (
        params
        if condition is None
        else params | {"ConditionExpression": " ".join(condition.split())}
    )


def _in_order(type: str) -> list[tuple[str, Json]]:
    """Give dead-letter queues before the queues that name them, and nothing that is conditional."""
    found = [(name, each) for name, each in resources(type).items() if "Condition" not in each]
    ordered = sorted(found, key=lambda pair: "RedrivePolicy" in pair[1].get("Properties", {}))
    return [(name, each.get("Properties", {})) for name, each in ordered]


def _forget_clients() -> None:
    aws._client.cache_clear()
    aws._session.cache_clear()


def _names() -> dict[str | tuple[str, str], str]:
    """Give each resource the name that AWS would, less its random part."""
    names: dict[str | tuple[str, str], str] = {}
    for logical, resource in resources().items():
        kind = resource["Type"].rpartition("::")[2]
        name = f"interchange-{logical}".lower() if kind == "Bucket" else f"interchange-{logical}"
        if {"FifoQueue", "FifoTopic"} & resource.get("Properties", {}).keys():
            name += ".fifo"
        arn = _ARNS.get(kind, "arn:aws:{0}").format(name)
        url = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}"
        names[logical] = {"Queue": url, "Topic": arn}.get(kind, name)
        names |= {(logical, "Arn"): arn, (logical, "QueueName"): name, (logical, "Id"): name}
        names[logical, "StreamArn"] = f"{arn}/stream/now"
    return names


_ARNS = {
    "Bucket": "arn:aws:s3:::{0}",
    "Queue": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{{0}}",
    "Table": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{{0}}",
    "Topic": f"arn:aws:sns:{REGION}:{ACCOUNT}:{{0}}",
}


def _make_table(name: str, found: Json) -> None:
    time_to_live = found.pop("TimeToLiveSpecification", None)
    found.pop("PointInTimeRecoverySpecification")
    found.pop("SSESpecification", None)  # the API spells it otherwise, and moto has no key to use
    found.pop("StreamSpecification", None)  # `carry` plays it; moto copies it at each transaction
    aws.dynamodb().create_table(TableName=f"interchange-{name}", **found)
    if time_to_live:
        aws.dynamodb().update_time_to_live(
            TableName=f"interchange-{name}", TimeToLiveSpecification=time_to_live
        )


def _make_queue(name: str, found: Json) -> None:
    attributes = {
        key: json.dumps(value) if isinstance(value, dict | bool) else str(value)
        for key, value in found.items()
    }
    suffix = ".fifo" if "FifoQueue" in found else ""
    aws.sqs().create_queue(QueueName=f"interchange-{name}{suffix}", Attributes=attributes)  # type: ignore[arg-type]  # the template's own names


def _make_topic(name: str, found: Json) -> None:
    attributes = {key: json.dumps(value) for key, value in found.items() if key == "FifoTopic"}
    suffix = ".fifo" if attributes else ""
    aws.sns().create_topic(Name=f"interchange-{name}{suffix}", Attributes=attributes)


def _subscribe(_: str, found: Json) -> None:
    own = {"TopicArn", "Protocol", "Endpoint"}
    attributes = {key: json.dumps(value) for key, value in found.items() if key not in own}
    aws.sns().subscribe(**{key: found[key] for key in own}, Attributes=attributes)


def _make_bucket(name: str, _: Json) -> None:
    aws.s3().create_bucket(Bucket=f"interchange-{name}".lower())


def _make_secret(name: str, found: Json) -> None:
    secret = found.get("SecretString", "generated")
    aws.secretsmanager().create_secret(Name=f"interchange-{name}", SecretString=secret)


def _make_schedule_group(name: str, _: Json) -> None:
    aws.scheduler().create_schedule_group(Name=f"interchange-{name}")


_MAKERS: dict[str, Callable[[str, Json], None]] = {
    "AWS::Scheduler::ScheduleGroup": _make_schedule_group,
    "AWS::DynamoDB::Table": _make_table,
    "AWS::SQS::Queue": _make_queue,
    "AWS::SNS::Topic": _make_topic,
    "AWS::SNS::Subscription": _subscribe,
    "AWS::S3::Bucket": _make_bucket,
    "AWS::SecretsManager::Secret": _make_secret,
}


@contextmanager
def _settings_of(function: Function, variables: dict[str, str]) -> Iterator[None]:
    """Have the settings read anew, where a test has variables of its own."""
    prefixes = (f"{function.pattern}.", "interchange.") if variables else ()
    found = [each for name, each in sys.modules.items() if name.startswith(tuple(prefixes))]
    readers = [vars(each)["settings"] for each in found if "settings" in vars(each)]
    for each in readers:
        each.cache_clear()
    yield
    for each in readers:
        each.cache_clear()


def _passes(record: Any, pattern: Json) -> bool:
    """Match as event filtering does, as far as the template uses it: by value."""
    return all(
        _passes(record.get(name, {}), wanted)
        if isinstance(wanted, dict)
        else record.get(name) in wanted
        for name, wanted in pattern.items()
    )


@contextmanager
def _environ(variables: dict[str, str]) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in set(os.environ) - set(variables):
            patch.delenv(name)
        for name, value in variables.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="package")
def deployment() -> Iterator[Cloud]:
    """The template's resources, for all tests of a folder."""
    with deployed() as cloud:
        yield cloud


@pytest.fixture
def cloud(deployment: Cloud) -> Iterator[Cloud]:
    """The same, empty for each test."""
    yield deployment
    deployment.clear()
