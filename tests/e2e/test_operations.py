"""What whoever is on duty has: a dashboard, and alarms that a fault sets off."""

import json
import time
from functools import partial
from typing import Any

from local.api import Api, until
from local.deploy import STACK_NAME
from local.stack import Stack
from tests.architecture import properties
from tests.e2e.faults import physical_name
from tests.e2e.spy import Spy
from tests.e2e.test_request_response import JSON, assert_problem

FORGED = 21  # one more than a provider's own tries come to in five minutes


def alarms(stack: Stack) -> dict[str, dict[str, Any]]:
    """Give the deployed alarms by name."""
    pages = stack.client("cloudwatch").get_paginator("describe_alarms").paginate()
    return {each["AlarmName"]: each for page in pages for each in page["MetricAlarms"]}


def test_the_dashboard_is_there_and_names_what_was_deployed(stack: Stack) -> None:
    name = physical_name(stack, "OperationsDashboard")

    body = stack.client("cloudwatch").get_dashboard(DashboardName=name)["DashboardBody"]

    widgets = [each["properties"] for each in json.loads(body)["widgets"]]
    assert "${" not in body
    assert sorted(widgets[0]["alarms"]) == sorted(each["AlarmArn"] for each in own_alarms(stack))
    queues = [each.rpartition("/")[2] for each in stack.client("sqs").list_queues()["QueueUrls"]]
    (aged,) = [each for each in widgets if each.get("title") == "Oldest message of a queue (s)"]
    assert {row[-1] for row in aged["metrics"]} <= set(queues)


def test_every_alarm_is_there_and_tells_the_alarms_topic(stack: Stack) -> None:
    topic = physical_name(stack, "AlarmsTopic")

    deployed = own_alarms(stack)

    assert len(deployed) == len(properties("AWS::CloudWatch::Alarm"))
    assert all(each["AlarmActions"] == [topic] for each in deployed)


def own_alarms(stack: Stack) -> list[dict[str, Any]]:
    found = alarms(stack)
    return [found[physical_name(stack, name)] for name in properties("AWS::CloudWatch::Alarm")]


def test_the_gateways_metrics_are_under_the_stacks_name(stack: Stack) -> None:
    api = stack.client("apigateway").get_rest_api(restApiId=stack.outputs["ApiId"])

    assert api["name"] == STACK_NAME


def test_forged_webhooks_set_the_alarm_off_and_it_tells_who_listens(
    api: Api, stack: Stack, run: str
) -> None:
    name = physical_name(stack, "RefusedWebhooksAlarm")
    topic = alarms(stack)[name]["AlarmActions"][0]
    on_duty = Spy.on(stack, f"on-duty-{run}", topic_arn=topic)
    forged = JSON | {"stripe-signature": f"t={int(time.time())},v1={'0' * 64}"}

    for _ in range(FORGED):
        answer = api.call("POST", "/stripe/payment-success", b"{}", forged)
        assert_problem(answer, 401, "signature_invalid")
    until("the refusals", partial(refused, stack))

    extract(stack, "WebhookRefusedSignatureInvalid")
    until("the alarm", lambda: alarms(stack)[name]["StateValue"] == "ALARM" or None)
    until("who is on duty", lambda: on_duty.events(AlarmName=name) or None)


def refused(stack: Stack) -> bool | None:
    values = [each["Value"] for each in written(stack, "WebhookRefusedSignatureInvalid")]
    return sum(values) >= FORGED or None


def extract(stack: Stack, metric: str) -> None:
    """Do what CloudWatch does with lines in its embedded metric format, and the emulator does not.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format.html
    """
    data = written(stack, metric)
    stack.client("cloudwatch").put_metric_data(Namespace=STACK_NAME, MetricData=data)


def written(stack: Stack, metric: str) -> list[Any]:
    """Find a metric in what the receiver has logged; the namespace is the stack's."""
    name = physical_name(stack, "ReceiveWebhookFunction")
    config = stack.client("lambda").get_function_configuration(FunctionName=name)
    group = config.get("LoggingConfig", {}).get("LogGroup") or f"/aws/lambda/{name}"
    found = stack.client("logs").filter_log_events(logGroupName=group, filterPattern=f'"{metric}"')
    lines = [json.loads(each["message"]) for each in found["events"]]
    assert {each["_aws"]["CloudWatchMetrics"][0]["Namespace"] for each in lines} <= {STACK_NAME}
    return [
        {
            "MetricName": metric,
            "Value": line[metric],
            "Dimensions": [{"Name": "service", "Value": line["service"]}],
        }
        for line in lines
    ]
