"""What `sam delete` leaves of the stack."""

from collections.abc import Iterator
from dataclasses import dataclass

from local import sam
from local.cloud import REGION
from local.deploy import ARTIFACTS, STACK_NAME
from local.resources import resources
from local.stack import Stack

WHERE = ["--config-env", "local", "--stack-name", STACK_NAME, "--region", REGION]


@dataclass(frozen=True)
class Listing:
    """How a service lists what it has, and which member has the name that CloudFormation knows."""

    type: str
    service: str
    operation: str
    members: str
    name: str = ""


LISTINGS = (
    Listing("AWS::ApiGateway::ApiKey", "apigateway", "get_api_keys", "items", "id"),
    Listing("AWS::ApiGateway::RestApi", "apigateway", "get_rest_apis", "items", "id"),
    Listing("AWS::CloudWatch::Alarm", "cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
    Listing("AWS::DynamoDB::Table", "dynamodb", "list_tables", "TableNames"),
    Listing("AWS::IAM::Role", "iam", "list_roles", "Roles", "RoleName"),
    Listing("AWS::Lambda::Function", "lambda", "list_functions", "Functions", "FunctionName"),
    Listing("AWS::S3::Bucket", "s3", "list_buckets", "Buckets", "Name"),
    Listing("AWS::Scheduler::Schedule", "scheduler", "list_schedules", "Schedules", "Name"),
    Listing("AWS::SecretsManager::Secret", "secretsmanager", "list_secrets", "SecretList", "Name"),
    Listing("AWS::SNS::Topic", "sns", "list_topics", "Topics", "TopicArn"),
    Listing("AWS::SQS::Queue", "sqs", "list_queues", "QueueUrls"),
)


def after_deletion(stack: Stack) -> dict[str, str]:
    """Delete the stack, and give the logical names of what is left of it, with their types."""
    made = [
        (_last(each["PhysicalResourceId"]), each["LogicalResourceId"], each["ResourceType"])
        for each in resources(stack.client("cloudformation"), STACK_NAME)
    ]
    seen = set(there(stack))
    assert {type for name, _, type in made if (type, name) in seen} == {
        each.type for each in LISTINGS
    }
    sam.run(["delete", "--no-prompts", *WHERE], stack.cloud.environment)
    left = set(there(stack))
    return {logical: type for name, logical, type in made if (type, name) in left}


def artifacts(stack: Stack) -> list[str]:
    """Name what SAM had put into its bucket, and has not taken away."""
    found = stack.client("s3").list_objects_v2(Bucket=ARTIFACTS).get("Contents", [])
    return [each["Key"] for each in found]


def there(stack: Stack) -> Iterator[tuple[str, str]]:
    """Name everything in the cloud that a stack's resource may be, by its type."""
    for each in LISTINGS:
        client = stack.client(each.service)
        for page in client.get_paginator(each.operation).paginate():
            for found in page[each.members]:
                yield each.type, _last(found[each.name] if each.name else found)


def _last(name: str) -> str:
    """Leave a queue's host out, which it is listed under another name of."""
    return name.rpartition("/")[2]
