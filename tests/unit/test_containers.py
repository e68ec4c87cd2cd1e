"""The files that let `sam local` use a running stack."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from local import containers
from local.stack import Stack

ENVIRONMENTS = {
    "RunReplayFunction": {"REPLAYS_QUEUE_URL": "http://queue/replays"},
    "RunEndpointReplayFunction": {"REPLAYS_QUEUE_URL": "http://queue/endpoint-replays"},
    "GetDocsFunction": {},
}
HERE = {"AWS_ENDPOINT_URL": "http://host.docker.internal:4711"}


class Pages:
    """As much of two of AWS's APIs as the files need."""

    def __init__(self, **operations: list[dict[str, Any]]) -> None:
        self.operations = operations

    def get_paginator(self, operation: str) -> "Pages":
        return Pages(pages=self.operations[operation])

    def paginate(self, **_: str) -> list[dict[str, Any]]:
        return self.operations["pages"]

    def describe_stacks(self, **_: str) -> dict[str, Any]:
        (found,) = self.operations["stacks"]
        return {"Stacks": [found]}


def function(name: str, variables: dict[str, str]) -> dict[str, Any]:
    environment = {"Environment": {"Variables": variables}} if variables else {}
    return {"FunctionName": f"interchange-{name}-1", **environment}


def resource(type: str, name: str) -> dict[str, Any]:
    names = {"LogicalResourceId": name, "PhysicalResourceId": f"interchange-{name}-1"}
    return {"ResourceType": type, **names}


APIS = {
    "lambda": Pages(
        list_functions=[
            {"Functions": [function(name, each)]} for name, each in ENVIRONMENTS.items()
        ]
    ),
    "cloudformation": Pages(
        list_stack_resources=[
            {"StackResourceSummaries": [resource("AWS::SQS::Queue", "ReplaysQueue")]},
            {
                "StackResourceSummaries": [
                    resource("AWS::Lambda::Function", name) for name in ENVIRONMENTS
                ]
            },
        ],
        stacks=[{"Parameters": [{"ParameterKey": "Architecture", "ParameterValue": "x86_64"}]}],
    ),
}


class StackOf(Stack):
    """A stack whose APIs are given."""

    def client(self, service: Any) -> Any:
        return APIS[service]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    stack = StackOf(
        base_url="",
        api_key="",
        endpoint_url="http://127.0.0.1:4711",
        region="",
        mail_url="",
        outputs={},
    )
    containers.write(stack, tmp_path)
    return tmp_path


def test_each_function_has_its_own_variables_and_where_the_cloud_is(folder: Path) -> None:
    assert json.loads((folder / "env.json").read_bytes()) == {
        name: each | HERE for name, each in ENVIRONMENTS.items()
    }


def test_the_template_is_read_for_the_processor_and_the_port_of_the_running_stack(
    folder: Path,
) -> None:
    assert yaml.safe_load((folder / "parameters.yaml").read_bytes()) == {
        "Architecture": "x86_64",
        "AwsEndpointUrl": HERE["AWS_ENDPOINT_URL"],
    }
