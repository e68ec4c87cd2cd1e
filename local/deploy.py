"""Deploy the built template to an embedded cloud."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from local import differences, sam
from local.build import host_architecture
from local.cloud import REGION, ROOT, Cloud, LocalCloudError
from local.stack import Stack

STACK_NAME = "interchange"
SENDER = "hello@interchange.example"
ARTIFACTS = "interchange-artifacts"
FAILED = {"CREATE_FAILED", "UPDATE_FAILED", "DELETE_FAILED"}


def deploy(
    cloud: Cloud, *, stack_name: str = STACK_NAME, overrides: Mapping[str, str] | None = None
) -> Stack:
    """Create the stack, or update it with what has changed."""
    parameters = default_parameters() | dict(overrides or {})
    cloud.client("s3").create_bucket(Bucket=ARTIFACTS)
    where = ["--stack-name", stack_name, "--s3-bucket", ARTIFACTS, "--region", REGION]
    values = [f"{name}={value}" for name, value in parameters.items()]
    arguments = ["deploy", "--config-env", "local", *where, "--parameter-overrides", *values]
    try:
        sam.run(arguments, cloud.environment)
    except LocalCloudError as error:
        raise LocalCloudError(failed_resource(cloud, stack_name) or str(error)) from error
    stack = describe(cloud, stack_name)
    template = ROOT / "template.yaml"
    differences.make_up(cloud, template, stack_name=stack_name, outputs=stack.outputs)
    return stack


def default_parameters() -> dict[str, str]:
    """Fit the template to this machine, and make a worker that died be noticed within seconds.

    Webhooks may go to this machine, and nowhere else that is private: receivers to try run here.
    """
    return {
        "Architecture": host_architecture(),
        "SenderAddress": SENDER,
        "Pace": "quick",
        "EmailsPerSecond": "1000",  # the emulator's SES grants what is asked
        "FairTasksPerSecond": "10",  # as few as its workers are
        "DangerouslyAllowLocalTargets": "true",
        "DataProtection": "off",
        "LogRetentionDays": "0",  # local/logs.py tells the functions by their groups
        "AccessLogs": "on",
    }


def failed_resource(cloud: Cloud, stack_name: str) -> str | None:
    """Say which resource failed first, and why."""
    client = cloud.client("cloudformation")
    try:
        events = client.describe_stack_events(StackName=stack_name)["StackEvents"]
    except ClientError:
        return None
    failed = [event for event in events if event["ResourceStatus"] in FAILED]
    if not failed:
        return None
    first = min(failed, key=lambda event: event["Timestamp"])
    resource = f"{first['LogicalResourceId']} ({first['ResourceType']})"
    return f"Deploy failed at {resource}: {first.get('ResourceStatusReason')}"


def describe(cloud: Cloud, stack_name: str) -> Stack:
    """Read the stack's outputs and its API key's value."""
    client = cloud.client("cloudformation")
    stack: dict[str, Any] = client.describe_stacks(StackName=stack_name)["Stacks"][0]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    key = cloud.client("apigateway").get_api_key(apiKey=outputs["ApiKeyId"], includeValue=True)
    api = f"{cloud.endpoint_url}/_aws/execute-api/{outputs['ApiId']}"
    return Stack(
        base_url=f"{api}/{outputs['StageName']}",
        api_key=key["value"],
        endpoint_url=cloud.endpoint_url,
        region=REGION,
        mail_url=cloud.mail_url,
        outputs=outputs,
    )
