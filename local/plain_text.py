"""Let the emulator be asked by plain http, which the template's policies turn away.

They hold there as in AWS: with them, no function would reach a queue. They are taken out by calls
that say they came by TLS, as a proxy in front would.
"""

import json
from collections.abc import Callable
from typing import Any

from local.cloud import Cloud
from local.resources import resources

BY_TLS = {"Bool": {"aws:SecureTransport": "false"}}


def allow(cloud: Cloud, stack_name: str) -> None:
    """Take the refusal out of every queue's, topic's and bucket's policy; safe to repeat."""
    clients = {service: as_if_by_tls(cloud.client(service)) for service in ("sqs", "sns", "s3")}
    for each in resources(cloud.client("cloudformation"), stack_name):
        if each["ResourceType"] in ALLOWING:
            service, allowed = ALLOWING[each["ResourceType"]]
            allowed(clients[service], each["PhysicalResourceId"])


def as_if_by_tls(client: Any) -> Any:
    """Have a client's calls say that they came by TLS."""
    client.meta.events.register("before-sign", say_tls)
    return client


def say_tls(request: Any, **_: Any) -> None:
    """Add a proxy's header."""
    request.headers["x-forwarded-proto"] = "https"


def allow_queue(sqs: Any, url: str) -> None:
    """Put a queue's policy without the refusal."""
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
    if policy := found.get("Attributes", {}).get("Policy"):
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": without_refusal(policy)})


def allow_topic(sns: Any, arn: str) -> None:
    """Put a topic's policy without the refusal."""
    policy = sns.get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"]
    sns.set_topic_attributes(
        TopicArn=arn, AttributeName="Policy", AttributeValue=without_refusal(policy)
    )


def allow_bucket(s3: Any, name: str) -> None:
    """Delete a bucket's policy, which has nothing but the refusal."""
    s3.delete_bucket_policy(Bucket=name)


def without_refusal(policy: str) -> str:
    """Leave out what turns plain text away."""
    document = json.loads(policy)
    kept = [each for each in document["Statement"] if each.get("Condition") != BY_TLS]
    return json.dumps(document | {"Statement": kept})


ALLOWING: dict[str, tuple[str, Callable[[Any, str], None]]] = {
    "AWS::SQS::Queue": ("sqs", allow_queue),
    "AWS::SNS::Topic": ("sns", allow_topic),
    "AWS::S3::Bucket": ("s3", allow_bucket),
}
