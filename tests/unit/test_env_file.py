"""The file that lets `sam local` use a running stack."""

import json
from pathlib import Path
from typing import Any

from local import env_file
from local.stack import Stack


class LambdaApi:
    """As much of Lambda's API as the file needs."""

    def __init__(self, *environments: dict[str, str]) -> None:
        self.functions: list[dict[str, Any]] = [
            {"Environment": {"Variables": each}} for each in environments
        ]

    def get_paginator(self, operation: str) -> "LambdaApi":
        assert operation == "list_functions"
        return self

    def paginate(self) -> list[dict[str, Any]]:
        return [{"Functions": self.functions[:1]}, {"Functions": self.functions[1:]}]


class StackOf(Stack):
    """A stack whose Lambda API is given."""

    api: LambdaApi

    def client(self, service: Any) -> Any:
        assert service == "lambda"
        return self.api


def stack_with(*environments: dict[str, str]) -> StackOf:
    stack = StackOf(
        base_url="",
        api_key="",
        endpoint_url="http://127.0.0.1:4711",
        region="",
        mail_url="",
        outputs={},
    )
    object.__setattr__(stack, "api", LambdaApi(*environments))
    return stack


def test_the_file_holds_what_the_functions_agree_on_and_where_the_cloud_is(tmp_path: Path) -> None:
    products = {"PRODUCTS_TABLE": "products-1", "SERVICE": "request-response"}
    tasks = {"TASKS_TABLE": "tasks-1", "SERVICE": "message-queue"}

    env_file.write(stack_with(products, tasks), tmp_path / "env.json")

    assert json.loads((tmp_path / "env.json").read_bytes()) == {
        "Parameters": {
            "AWS_ENDPOINT_URL": "http://host.docker.internal:4711",
            "PRODUCTS_TABLE": "products-1",
            "TASKS_TABLE": "tasks-1",
        }
    }


def test_a_function_without_an_environment_has_no_say(tmp_path: Path) -> None:
    stack = stack_with({"SENDER_ADDRESS": "a@b.co"})
    stack.api.functions.append({})

    env_file.write(stack, tmp_path / "env.json")

    assert (
        json.loads((tmp_path / "env.json").read_bytes())["Parameters"]["SENDER_ADDRESS"] == "a@b.co"
    )
