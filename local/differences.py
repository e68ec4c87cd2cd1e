"""Make up for where the emulator differs from AWS, so that template.yaml need not know it.

Gateway responses: SAM writes them into the API's OpenAPI document; the emulator reads only routes
out of it, so they are put one by one. Permissions: AWS authorises a batched call as its single
action, SES on the identity, Scheduler on the group; the emulator asks for the batch's own name,
and for `*`. Ordered topics: its CloudFormation passes over `FifoTopic`; its SNS keeps groups and
duplicates apart once the attribute is set. Schedules: it fills no schedule's time in; a tick that
says none is meant for now. Transport: it is asked by plain http (plain_text.py).
"""

import json
import string
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from local import plain_text
from local.cloud import Cloud

# What AWS authorises: what the emulator asks for instead, and on what resource (None: the same).
ASKED: dict[str, tuple[str, str | None]] = {
    "sns:Publish": ("sns:PublishBatch", None),
    "sqs:SendMessage": ("sqs:SendMessageBatch", None),
    "ses:SendEmail": ("ses:SendEmail", "*"),
    "scheduler:CreateSchedule": ("scheduler:CreateSchedule", "*"),
}


def make_up(cloud: Cloud, template: Path, *, stack_name: str, outputs: Mapping[str, str]) -> None:
    """Do all of it; safe to repeat after every deploy."""
    plain_text.allow(cloud, stack_name)
    put_gateway_responses(cloud, template, stack_name=stack_name, api_id=outputs["ApiId"])
    put_permissions(cloud, stack_name)
    put_order(cloud, outputs["OrderedEventsTopicArn"])
    put_ticks(cloud, stack_name)


def put_gateway_responses(cloud: Cloud, template: Path, *, stack_name: str, api_id: str) -> None:
    """Put every gateway response that the template declares and make them take effect."""
    gateway = cloud.client("apigateway")
    (stack,) = cloud.client("cloudformation").describe_stacks(StackName=stack_name)["Stacks"]
    given = {each["ParameterKey"]: each["ParameterValue"] for each in stack["Parameters"]}
    for kind, response in gateway_responses(template).items():
        headers = response["ResponseParameters"]["Headers"]
        gateway.put_gateway_response(
            restApiId=api_id,
            responseType=kind,
            statusCode=str(response["StatusCode"]),
            responseParameters={
                f"gatewayresponse.header.{name}": string.Template(value).substitute(
                    given
                )  # as !Sub
                for name, value in headers.items()
            },
            responseTemplates=dict(response["ResponseTemplates"]),
        )
    gateway.create_deployment(restApiId=api_id, stageName=given["Stage"])


class Loader(yaml.SafeLoader):
    """Reads CloudFormation's short forms, such as !Ref, as plain text."""


Loader.add_multi_constructor("!", lambda _, __, node: node.value)


def gateway_responses(template: Path) -> dict[str, Any]:
    """Read the gateway responses that the template declares, by type."""
    resources = yaml.load(template.read_bytes(), Loader)["Resources"]  # noqa: S506 - a SafeLoader
    responses: dict[str, Any] = resources["Api"]["Properties"]["GatewayResponses"]
    return responses


def put_order(cloud: Cloud, topic_arn: str) -> None:
    """Make the topic a FIFO topic."""
    cloud.client("sns").set_topic_attributes(
        TopicArn=topic_arn, AttributeName="FifoTopic", AttributeValue="true"
    )


def put_ticks(cloud: Cloud, stack_name: str) -> None:
    """Leave out what only AWS would fill in."""
    scheduler = cloud.client("scheduler")
    for page in scheduler.get_paginator("list_schedules").paginate(NamePrefix=f"{stack_name}-"):
        for each in page["Schedules"]:
            named = {"Name": each["Name"], "GroupName": each["GroupName"]}
            found = scheduler.get_schedule(**named)
            if "<aws.scheduler." in found["Target"].get("Input", ""):
                kept = {name: found[name] for name in ("ScheduleExpression", "FlexibleTimeWindow")}
                target = found["Target"] | {"Input": "{}"}
                scheduler.update_schedule(**named, **kept, Target=target)


def put_permissions(cloud: Cloud, stack_name: str) -> None:
    """Give each role of the stack, under the emulator's names, what its policies allow already."""
    iam = cloud.client("iam")
    for page in iam.get_paginator("list_roles").paginate():
        for role in (each["RoleName"] for each in page["Roles"]):
            if role.startswith(f"{stack_name}-"):
                put_permissions_of(iam, role)


def put_permissions_of(iam: Any, role: str) -> None:
    """Add one inline policy to the role, if one of its statements needs other names."""
    names = [
        name for name in iam.list_role_policies(RoleName=role)["PolicyNames"] if name != "emulator"
    ]
    documents = [
        iam.get_role_policy(RoleName=role, PolicyName=each)["PolicyDocument"] for each in names
    ]
    asked = [each for document in documents for each in translated(document["Statement"])]
    if asked:
        document = {"Version": "2012-10-17", "Statement": asked}
        iam.put_role_policy(
            RoleName=role, PolicyName="emulator", PolicyDocument=json.dumps(document)
        )


def translated(statements: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Write the statements that the emulator reads otherwise in the words it asks for."""
    return [
        {
            "Effect": "Allow",
            "Action": ASKED[action][0],
            "Resource": ASKED[action][1] or each["Resource"],
        }
        for each in statements
        for action in ([each["Action"]] if isinstance(each["Action"], str) else each["Action"])
        if action in ASKED
    ]
