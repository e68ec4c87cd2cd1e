"""What holds across the patterns."""

import json
from functools import partial

from local.api import Api, until
from local.props import mail_to
from local.stack import Stack
from tests.e2e.faults import physical_name
from tests.e2e.test_request_response import JSON, assert_problem

STORY = [
    "RegisterUserFunction",
    "PublishUserEventsFunction",
    "LogEventFunction",
    "WelcomeUserFunction",
    "DispatchTasksFunction",
    "RunTaskFunction",
]


def test_one_correlation_id_is_in_the_logs_from_the_request_to_the_mail(
    api: Api, stack: Stack, run: str
) -> None:
    email = f"ada.{run}@example.com"
    body = json.dumps({"email": email, "name": "Ada"}).encode()

    api.call("POST", "/api/users", body, JSON | {"x-correlation-id": f"story-{run}"})

    until("the welcome", lambda: mail_to(stack, email, "Welcome!"))
    for function in STORY:
        until(f"a line of {function}", partial(logged, stack, function, f"story-{run}"))


def logged(stack: Stack, function: str, correlation_id: str) -> bool | None:
    """Look for a JSON line with the id in a function's log."""
    events = stack.client("logs").filter_log_events(
        logGroupName=f"/aws/lambda/{physical_name(stack, function)}", filterPattern=""
    )["events"]
    lines = [each["message"] for each in events if each["message"].startswith("{")]
    found = any(json.loads(line).get("correlation_id") == correlation_id for line in lines)
    return found or None


def test_over_its_limit_a_caller_is_told_when_to_come_back(stack: Stack, run: str) -> None:
    gateway = stack.client("apigateway")
    plan = gateway.create_usage_plan(
        name=run,
        throttle={"rateLimit": 1, "burstLimit": 1},
        apiStages=[{"apiId": stack.outputs["ApiId"], "stage": stack.outputs["StageName"]}],
    )
    key = gateway.create_api_key(name=run, enabled=True, value=run * 3)
    gateway.create_usage_plan_key(usagePlanId=plan["id"], keyId=key["id"], keyType="API_KEY")
    hasty = Api(stack.base_url, run * 3)

    answers = [hasty.get("/api/products/espresso-machine") for _ in range(20)]

    refused = next(answer for answer in answers if answer.status == 429)
    problem = assert_problem(refused, 429, "rate_limited")
    assert problem["retryable"] is True
    assert int(refused.headers["retry-after"]) >= 1
